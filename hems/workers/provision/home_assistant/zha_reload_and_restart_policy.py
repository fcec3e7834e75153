"""Decide what to do about a Zigbee stick that is plugged in and does not work.

ZHA's own watchdog starts it again first, and Home Assistant tries every 80 s. If that does not
help, the entry is loaded again, with growing pauses, and once a day at most Home Assistant
restarts: some of its states end only so.
"""

from __future__ import annotations

from collections.abc import Callable

from hems.backoff_and_rate_limits import Backoff
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

RELOAD_S, LONGEST_RELOAD_S = 300.0, 3600.0
RESTART_S, RESTART_PAUSE_S = 900.0, 86400.0


class ReloadAndRestartPolicy:
    """Times are monotonic seconds; `time` returns unix seconds.

    The record has when a restart of Home Assistant was due last. `is_restart_due` is whether it
    still helps.
    """

    def __init__(self, record: SetupRecordFile, time: Callable[[], float]) -> None:
        self.is_restart_due = False
        self._record = record
        self._time = time
        self._broken_since: float | None = None
        self._reload_at = 0.0
        self._pauses = Backoff(RELOAD_S, LONGEST_RELOAD_S)

    def rest(self) -> None:
        """Record that nothing is wrong, or nothing that this could repair."""
        self._broken_since = None
        self.is_restart_due = False

    def broken_for(self, now: float) -> float:
        """Record that it does not work; return for how long (s)."""
        if self._broken_since is None:
            self._broken_since = now
            self._pauses.reset()
            self._reload_at = now + self._pauses.fail()
        broken_s = now - self._broken_since
        if broken_s >= RESTART_S and self._is_pause_over():
            self._record.update(zigbee_restart_at=self._time())
            self.is_restart_due = True
        return broken_s

    def _is_pause_over(self) -> bool:
        """Return whether the last restart is long ago; one in the future had a wrong clock."""
        return abs(self._time() - self._record.record.zigbee_restart_at) >= RESTART_PAUSE_S

    def is_reload_due(self, now: float) -> bool:
        """Return whether to load the entry again now; then it is due again after a longer pause."""
        if now < self._reload_at:
            return False
        self._reload_at = now + self._pauses.fail()
        return True
