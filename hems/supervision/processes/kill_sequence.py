"""End all processes of one run of a unit, as KillMode and its siblings say: systemd.kill(5)."""

from __future__ import annotations

import math
import signal

from hems.supervision.processes.run_members import RunMembers
from hems.supervision.settings.kill_directives import KillMode, KillSettings

SIGKILL_S = 5.0  # for the kernel to end a process; one that waits for a device may take for ever


class KillSequence:
    """The order of signals for one run. supervisord itself sends the main process its stop signal.

    A run is over once its main process has ended and none is `remaining`.
    """

    def __init__(
        self, settings: KillSettings, stop_signal: signal.Signals, group: RunMembers
    ) -> None:
        self._settings = settings
        self._stop_signal = stop_signal
        self.group = group
        self._is_stopping = self._is_killing = self._has_main_ended = False
        self._over_at = math.inf  # even if a process is left

    @property
    def stop_signals(self) -> list[signal.Signals]:
        """Return the signals that follow each other at a stop; a suspended process is continued."""
        hangup = [signal.SIGHUP] if self._settings.sends_hangup else []
        return [self._stop_signal, signal.SIGCONT, *hangup]

    def look(self) -> None:
        """Find the processes while their parents live, before the main process is signalled."""
        if self._settings.mode is not KillMode.PROCESS:
            self.group.others()

    def stop(self, now: float) -> None:
        """Signal the other processes, when the main process gets its stop signal or has ended."""
        mode = self._settings.mode
        if mode is KillMode.CONTROL_GROUP and not self._is_stopping:
            self._is_stopping = True
            self.group.signal_others(*self.stop_signals)
        elif mode is KillMode.MIXED and self._has_main_ended:
            self.kill(now)

    def main_ended(self) -> int:
        """Return how many processes the main process has left behind, which are to be ended."""
        self._has_main_ended = True
        return 0 if self._settings.mode is KillMode.PROCESS else len(self.group.others())

    def kill(self, now: float) -> None:
        """Kill the other processes: they had their time."""
        if self._settings.sends_kill and self._settings.mode is not KillMode.PROCESS:
            self._is_killing, self._over_at = True, now + SIGKILL_S
            self.group.kill_all(self._settings.final_signal)
        else:
            self._over_at = now

    def remaining(self, now: float) -> set[int]:
        """Return the processes that the end of the run waits for."""
        if self._settings.mode is KillMode.PROCESS or now >= self._over_at:
            return set()
        if self._is_killing:  # again: one may have forked meanwhile
            self.group.kill_all(self._settings.final_signal)
        return self.group.others()
