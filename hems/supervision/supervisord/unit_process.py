"""Run the process of one unit: supervisord's Subprocess, controlled by the unit's state machine.

This subclass replaces supervisord's own decisions (startsecs, startretries, linear back-off,
wall-clock deadlines), as FastCGISubprocess does. supervisord still creates pipes, forks, reaps,
logs and sends events. Its process state follows the unit's phase (process_states.py).
"""

from __future__ import annotations

import time

from supervisor.process import Subprocess
from supervisor.states import SupervisorStates

from hems.supervision.processes import credentials
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.commanded_process import CommandedProcess
from hems.supervision.supervisord.notify_socket import NotifyDatagram
from hems.supervision.supervisord.process_states import (
    STATES_WITH_REASON,
    log_line,
    process_state,
)
from hems.supervision.supervisord.shared_parts import SharedParts
from hems.supervision.units import unit_jobs, unit_ordering
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_jobs import StartOutcome
from hems.supervision.units.unit_phase import RESTING, UnitPhase, active_state
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.notification import SdNotifyMessage


class UnitProcess(CommandedProcess):
    """The process of `unit`, in place of supervisord's `plain`, which has never run."""

    spawnerr: str | None  # why it does not run, for supervisorctl

    def __init__(
        self, plain: Subprocess, unit: Unit, sockets: UnitSockets, shared: SharedParts
    ) -> None:
        super().__init__(plain, unit, sockets, shared)
        self._is_known = False  # in its first round, its start takes others along
        self._published = (UnitPhase.DEAD, "")
        for name in self.child.process.without_effect():
            self.log("warn", f"{name} has no effect: supervisord lacks CAP_SYS_ADMIN")

    @property
    def is_on_demand(self) -> bool:
        """Return whether a connection has to start it."""
        is_ending = self.config.options.mood < SupervisorStates.RUNNING
        return self.unit.phase is UnitPhase.DEAD and not (self.unit.is_stopped or is_ending)

    def spawn(self) -> int | None:
        """Start on request, with the units that it requires; `spawnerr` names an obstacle."""
        self.spawnerr = None
        unit_jobs.start(self.unit, self.shared.units(), time.monotonic())
        self.transition()
        return self.pid or None

    def start_outcome(self) -> StartOutcome:
        """Return how far a start on request is."""
        return unit_jobs.start_outcome(self.unit, self.shared.units())

    def start_problem(self) -> str:
        """Return why a start on request has failed."""
        return unit_jobs.start_problem(self.unit, self.shared.units())

    def stop(self) -> None:
        """Stop on request, in the next `transition`: first, others may have to be stopped too.

        supervisord expects an error message, or None.
        """
        self.unit.stop(time.monotonic())
        self.carry_out()
        self.shared.wakeup.kick()

    def give_up(self) -> None:
        """Cancel a start that is due, because supervisord shuts down."""
        self.stop()

    def transition(self) -> None:
        """Carry out what is due. supervisord calls this in every round of its loop."""
        now = self.shared.begin_round()
        unit = self.unit
        is_ending = self.config.options.mood < SupervisorStates.RUNNING
        if unit_jobs.is_settled(unit, now) and not is_ending:
            return
        units = self.shared.units()
        self.finish_run()
        if self.control:
            self.control.finish_run()
        if not self._is_known:
            self._is_known = True
            if unit.spec.is_autostarted:
                unit_jobs.start_at_boot(unit, units, now)
        if is_ending:
            stop_obstacle = unit_ordering.stop_obstacle(unit, units) if unit.is_stopped else ""
            unit.advance(now, "supervisord is shutting down", "", stop_obstacle)
        else:
            unit_jobs.advance(unit, units, now)
        self.carry_out()

    def notify(self, message: SdNotifyMessage, datagram: NotifyDatagram) -> None:
        """Handle a notification of the process. Raises ValueError for what it may not ask for."""
        self.unit.receive(message, time.monotonic())
        self.carry_out()
        self.obey(message, datagram)

    def executed(self) -> None:
        """Handle that the program runs, with Type=exec."""
        self.unit.executed(time.monotonic())
        self.carry_out()

    def reload(self) -> str:
        """Reload on request. Return why that is not possible, or nothing."""
        problem = self.unit.reload(time.monotonic())
        self.carry_out()
        return problem

    def finish(self, pid: int, sts: int) -> None:
        """Record its last words, and that it was reaped with this status of waitpid(2)."""
        self.shared.read_inbox()
        super().finish(pid, sts)

    def main_has_ended(self, exit_: ProcessExit, others: int) -> None:
        """Handle that the main process has ended; so many others have to be ended."""
        if not others:
            credentials.remove(self.child.process.credentials)
        self.unit.exited(exit_, time.monotonic(), others)
        self.carry_out()

    def others_have_ended(self) -> None:
        """Handle that none of these others is left."""
        credentials.remove(self.child.process.credentials)
        self.unit.others_ended(time.monotonic())
        self.carry_out()

    def publish(self) -> None:
        """Give supervisord the state and the log lines of the unit's phase."""
        unit = self.unit
        state = process_state(unit, self.shared.units(), self.get_state(), self.pid)
        if state in STATES_WITH_REASON:
            self.spawnerr = unit.reason
        current = (unit.phase, unit.reason)
        is_news = current != self._published
        if not is_news and state == self.get_state():
            return
        self._published = current
        self.change_state(state)
        if is_news:
            self._tell()
        self.shared.wakeup.kick()

    def _tell(self) -> None:
        """Write the unit's phase to the journal and the log."""
        unit = self.unit
        if unit.phase in RESTING:
            self.store.clear()
        self.shared.journal.add(
            unit.spec.name,
            active_state(unit.phase),
            unit.phase.value,
            unit.reason,
            time.time(),
        )
        if line := log_line(unit):
            self.log(*line)
