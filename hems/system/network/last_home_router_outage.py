"""When the home's router was last seen to be off: what is on its Wi-Fi is silent for that time."""

from __future__ import annotations

import math
from collections.abc import Callable

from hems.errors import HemsError
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.watchdog_report import Internet

READ_S = 30.0  # between two readings of the watchdog's report
ROUTER_OFF = {Internet.LAN_ONLY, Internet.NO_LINK}


class LastRouterOutage:
    """Reads the watchdog's report; `read_watchdog` returns it or raises HemsError."""

    def __init__(self, read_watchdog: Callable[[], bytes]) -> None:
        self._read_watchdog = read_watchdog
        self._read_at = -math.inf
        self._off_at = -math.inf

    def off_at(self, now: float) -> float:
        """Return when it was last seen to be off (monotonic s), -inf if it never was.

        Without a watchdog it counts as on.
        """
        if now - self._read_at >= READ_S:
            self._read_at = now
            try:
                report = watchdog_report.fresh(self._read_watchdog(), now)
            except HemsError:
                return self._off_at
            if report.internet in ROUTER_OFF:
                self._off_at = now
        return self._off_at
