"""The time of day, if it may be told to a meter."""

from __future__ import annotations

from hems.clients.outage import Outage
from hems.errors import Unavailable
from hems.runtime import Clock


class WallClock:
    """The gateway's time, withheld while it has not been set since boot.

    A Pi without an RTC battery starts with a time of the past; a meter must not get it.
    """

    def __init__(self, clock: Clock, *, is_required: bool) -> None:
        self._clock = clock
        self._is_required = is_required
        self._outage = Outage("the clock's synchronisation: meters get no answer;")

    def time(self) -> float | None:
        """Return unix seconds, None while they are not trusted."""
        if not self._is_required:
            return self._clock.time()
        try:
            is_synchronised = self._clock.is_synchronised()
        except Unavailable as error:
            self._outage.begin(str(error), self._clock.monotonic())
            return None
        if not is_synchronised:
            self._outage.begin("the clock was not set since boot", self._clock.monotonic())
            return None
        self._outage.end(self._clock.monotonic())
        return self._clock.time()
