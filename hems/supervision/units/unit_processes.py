"""The processes of one unit, and the commands to their owner in the current phase."""

from __future__ import annotations

from collections import deque

from hems.supervision.settings.exec_command import ExecCommand
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units.unit_phase import SIGNALLED, UnitCommand, UnitPhase

P = UnitPhase
_SIGNALS = {
    P.STOP_WATCHDOG: UnitCommand.ABORT,
    P.FINAL_WATCHDOG: UnitCommand.ABORT,
    P.STOP_SIGTERM: UnitCommand.STOP,
    P.FINAL_SIGTERM: UnitCommand.STOP,
    P.STOP_SIGKILL: UnitCommand.KILL,
    P.FINAL_SIGKILL: UnitCommand.KILL,
}
_ORDERS = {P.START: UnitCommand.SPAWN, P.RELOAD_SIGNAL: UnitCommand.RELOAD}


class UnitProcesses:
    """`control` is the command of the control process that runs; there is at most one."""

    def __init__(self, spec: UnitSpec) -> None:
        self.has_main = False
        self.has_others = False  # what a main process that has ended has left
        self.control: ExecCommand | None = None
        self._commands: deque[UnitCommand] = deque()
        self._pending: deque[ExecCommand] = deque()  # what the phase has still to run
        self._exec = {
            P.CONDITION: spec.exec.condition,
            P.START_PRE: spec.exec.start_pre,
            P.START_POST: spec.exec.start_post,
            P.RELOAD: spec.exec.reload,
            P.STOP: spec.exec.stop,
            P.STOP_POST: spec.exec.stop_post,
        }

    @property
    def is_any(self) -> bool:
        return self.has_main or self.has_others or self.control is not None

    def begin(self, phase: UnitPhase) -> bool:
        """Choose what has to be done in `phase`; return False if this is nothing."""
        if UnitCommand.RUN in self._commands:
            self.control = None  # it has not been started yet
        self._commands.clear()
        self._pending.clear()
        if phase in SIGNALLED:
            self.order(_SIGNALS[phase])
            return self.is_any
        if phase in _ORDERS:
            self.order(_ORDERS[phase])
        if phase in self._exec:
            self._pending.extend(self._exec[phase])
            return self.run_next()
        return True

    def run_next(self) -> bool:
        """Run the next command of the phase; return False if there is none."""
        if not self._pending:
            return False
        self.control = self._pending.popleft()
        self.order(UnitCommand.RUN)
        return True

    def order(self, command: UnitCommand) -> None:
        self._commands.append(command)

    def wait(self) -> None:
        """Order nothing: the processes end by themselves."""
        self._commands.clear()

    def next_command(self) -> UnitCommand | None:
        return self._commands.popleft() if self._commands else None
