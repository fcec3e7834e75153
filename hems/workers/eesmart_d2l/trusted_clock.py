"""The gateway's time of day, withheld from meters until the clock is synchronised."""

from __future__ import annotations

from typing import NamedTuple

from loguru import logger

from hems.errors import Unavailable
from hems.worker_runtime import Clock


class Moment(NamedTuple):
    """Both clocks of the gateway at the same moment (s); `wall` is None while it is not trusted."""

    monotonic: float
    wall: float | None


class TrustedClock:
    """The gateway's clock; its time of day is None until the clock has been set.

    A Pi without an RTC battery starts with a time in the past, which a meter must not get. Once
    synchronised, the clock stays trusted: after nine hours without NTP the kernel calls it
    unsynchronised again, although it is still right to within seconds.
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
        """Return the time of both clocks."""
        return Moment(self._clock.monotonic(), self.time())

    def _is_synchronised(self) -> bool:
        try:
            is_synchronised, reason = self._clock.is_synchronised(), "NTP has not set it"
        except Unavailable as error:
            is_synchronised, reason = False, str(error)
        if is_synchronised and self._has_warned:
            logger.info("the clock has been set; the gateway answers meters")
        elif not is_synchronised and not self._has_warned:
            self._has_warned = True
            logger.warning("the clock is not trusted, so meters get no answer: {}", reason)
        return is_synchronised
