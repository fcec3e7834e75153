"""Decide what to do about a Zigbee stick that is plugged in and does not work.

ZHA's own watchdog starts it again first, and Home Assistant tries every 80 s. If that does not
help, the entry is loaded again, with growing pauses, and once a day at most Home Assistant
restarts: some of its states end only so.
"""

from __future__ import annotations

import math

from hems.backoff_and_rate_limits import Backoff

RELOAD_S, LONGEST_RELOAD_S = 300.0, 3600.0
RESTART_S, RESTART_PAUSE_S = 900.0, 86400.0


class RadioRecovery:
    """Times are monotonic seconds. `restarts` counts those of Home Assistant that were due."""

    def __init__(self) -> None:
        self.restarts = 0
        self._broken_since: float | None = None
        self._reload_at = 0.0
        self._next_restart_at = -math.inf
        self._pauses = Backoff(RELOAD_S, LONGEST_RELOAD_S)

    def rest(self) -> None:
        """Record that nothing is wrong, or nothing that this could repair."""
        self._broken_since = None

    def broken_for(self, now: float) -> float:
        """Record that it does not work; return for how long (s)."""
        if self._broken_since is None:
            self._broken_since = now
            self._pauses.reset()
            self._reload_at = now + self._pauses.fail()
        broken_s = now - self._broken_since
        if broken_s >= RESTART_S and now >= self._next_restart_at:
            self._next_restart_at = now + RESTART_PAUSE_S
            self.restarts += 1
        return broken_s

    def is_reload_due(self, now: float) -> bool:
        """Return whether to load the entry again now; then it is due again after a longer pause."""
        if now < self._reload_at:
            return False
        self._reload_at = now + self._pauses.fail()
        return True
