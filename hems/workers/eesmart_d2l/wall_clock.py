"""The time of day, if it may be told to a meter."""

from __future__ import annotations

from dataclasses import dataclass

from loguru import logger

from hems.errors import Unavailable
from hems.runtime import Clock


@dataclass(frozen=True)
class Moment:
    """Both clocks of the gateway at once (s); `wall` is None while it is not trusted."""

    monotonic: float
    wall: float | None


class WallClock:
    """The gateway's time, withheld until it has been set.

    A Pi without an RTC battery starts with a time of the past; a meter must not get it.
    Once set it is trusted for good: the kernel calls a clock unsynchronised again after
    nine hours without NTP, when it is still right to seconds.
    """

    def __init__(self, clock: Clock, *, is_required: bool) -> None:
        self._clock = clock
        self._is_trusted = not is_required
        self._has_warned = False

    def time(self) -> float | None:
        """Return unix seconds, None while they are not trusted."""
        if not self._is_trusted:
            self._is_trusted = self._is_synchronised()
        return self._clock.time() if self._is_trusted else None

    def now(self) -> Moment:
        return Moment(self._clock.monotonic(), self.time())

    def _is_synchronised(self) -> bool:
        try:
            found, why = self._clock.is_synchronised(), "NTP has not set it"
        except Unavailable as error:
            found, why = False, str(error)
        if found and self._has_warned:
            logger.info("the clock has been set: meters get answers")
        elif not found and not self._has_warned:
            self._has_warned = True
            logger.warning("the clock is not trusted, so meters get no answer: {}", why)
        return found
