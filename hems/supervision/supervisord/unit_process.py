"""Run the process of one unit: supervisord's Subprocess, controlled by the unit's state machine.

This subclass replaces supervisord's own decisions (startsecs, startretries, linear back-off,
wall-clock deadlines), as FastCGISubprocess does. supervisord still creates pipes, forks, reaps,
logs and sends events. Its process state follows the unit's phase (unit_state_to_supervisord.py).
"""

from __future__ import annotations

import time

from supervisor.process import Subprocess
from supervisor.states import SupervisorStates

from hems.supervision.processes import credentials
from hems.supervision.settings.unit_spec import UnitType
from hems.supervision.sockets.descriptor_store import DescriptorStore
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.exec_watch import ExecWatch
from hems.supervision.supervisord.fdstore_and_mainpid import NotifyRequests
from hems.supervision.supervisord.mistake_containment import MistakeContainment
from hems.supervision.supervisord.notify_socket import NotifyDatagram
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.state_machine_commands import CommandExecution
from hems.supervision.supervisord.supervised_subprocess import ChildEvents, ChildProcess
from hems.supervision.supervisord.unit_spec_to_supervisord import child_start, unit_config
from hems.supervision.supervisord.unit_state_to_supervisord import StatePublication
from hems.supervision.units import dependency_actions, dependency_decisions
from hems.supervision.units.dependency_actions import StartOutcome
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitPhase
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.notification_datagram import SdNotifyMessage


class UnitProcess(ChildProcess):
    """The process of `unit`, in place of supervisord's `plain`, which has never run.

    A mistake in the state machine ends this unit, not supervisord (mistake_containment.py).
    """

    spawnerr: str | None  # why it does not run, for supervisorctl

    def __init__(
        self, plain: Subprocess, unit: Unit, sockets: UnitSockets, shared: SharedByUnits
    ) -> None:
        config = unit_config(plain.config, unit.spec, shared)
        store = DescriptorStore(unit.spec.notify.max_descriptors)
        start = child_start(
            config, unit.spec, shared, lambda: [*sockets.descriptors(), *store.descriptors()]
        )
        publication = StatePublication(unit, self, store, shared)
        self._execution = CommandExecution(unit, self, sockets, shared, publication.publish)
        self._mistakes = MistakeContainment(unit, self._execution)
        tell = ChildEvents(self._main_has_ended, self._others_have_ended, self._mistakes.break_down)
        super().__init__(config, unit.spec.kill, start, tell)
        self.group = plain.group
        self.unit = unit
        self.sockets = sockets
        self.shared = shared
        self._requests = NotifyRequests(self, store)
        self._exec_watch = ExecWatch(start, self._executed, lambda text: self.log("error", text))
        self._is_known = False  # in its first round, its start takes others along
        for name, lacking in start.process.without_effect().items():
            self.log("warn", f"{name} has no effect: supervisord lacks {lacking}")

    @property
    def control_pids(self) -> tuple[int, ...]:
        """Return the pid of the control process, if there is one."""
        control = self._execution.control
        return (control.pid,) if control and control.pid else ()

    @property
    def is_on_demand(self) -> bool:
        """Return whether a connection has to start it."""
        is_ending = self.config.options.mood < SupervisorStates.RUNNING
        return self.unit.phase is UnitPhase.DEAD and not (self.unit.is_stopped or is_ending)

    def spawn(self) -> int | None:
        """Start on request, with the units that it requires; `spawnerr` names an obstacle."""
        self.spawnerr = None
        with self._mistakes.contained():
            dependency_actions.start(self.unit, self.shared.units(), time.monotonic())
        self.transition()
        return self.pid or None

    def start_outcome(self) -> StartOutcome:
        """Return how far a start on request is."""
        return dependency_actions.start_outcome(self.unit, self.shared.units())

    def start_problem(self) -> str:
        """Return why a start on request has failed."""
        return dependency_actions.start_problem(self.unit, self.shared.units())

    def stop(self) -> None:
        """Stop on request, in the next `transition`: first, others may have to be stopped too.

        supervisord expects an error message, or None.
        """
        with self._mistakes.contained():
            self.unit.stop(time.monotonic())
            self._execution.carry_out()
        self.shared.wakeup.kick()

    def mark_stopped(self, now: float) -> None:
        """Stop in a later `transition`, because supervisord ends at monotonic `now` (s)."""
        with self._mistakes.contained():
            self.unit.stop(now)

    def give_up(self) -> None:
        """Cancel a start that is due, because supervisord shuts down."""
        self.stop()

    def transition(self) -> None:
        """Carry out what is due. supervisord calls this in every round of its loop."""
        now = self.shared.begin_round()
        is_ending = self.config.options.mood < SupervisorStates.RUNNING
        if is_ending or not dependency_actions.is_settled(self.unit, now):
            with self._mistakes.contained():
                self._advance(now, is_ending=is_ending)

    def _advance(self, now: float, *, is_ending: bool) -> None:
        unit, units = self.unit, self.shared.units()
        for process in self._execution.processes:
            process.finish_run()
        if not self._is_known:
            self._is_known = True
            if unit.spec.is_autostarted:
                dependency_actions.start_at_boot(unit, units, now)
        if is_ending:
            if unit.phase is UnitPhase.WAITING:  # supervisord would wait for it
                unit.stop(now)
            stop_obstacle = (
                dependency_decisions.stop_obstacle(unit, units) if unit.is_stopped else ""
            )
            unit.advance(now, "supervisord is shutting down", "", stop_obstacle)
        elif unit.phase is UnitPhase.WAITING and (self.pid or self._execution.control):
            unit.reason = "its last run has not ended"  # it was broken off after a mistake
        else:
            dependency_actions.advance(unit, units, now)
        self._execution.carry_out()

    def spawn_main(self) -> None:
        """Start the main process; with Type=exec wait for the report of its execve."""
        if self.unit.spec.type is not UnitType.EXEC:
            super().spawn_main()
            return
        self._exec_watch.begin()
        super().spawn_main()
        self._exec_watch.wait()

    def notify(self, message: SdNotifyMessage, datagram: NotifyDatagram) -> None:
        """Handle a notification of the process. Raises ValueError for what it may not ask for."""
        with self._mistakes.contained():
            self.unit.receive(message, time.monotonic())
            self._execution.carry_out()
        self._requests.obey(message, datagram)

    def reload(self) -> str:
        """Reload on request. Return why that is not possible, or nothing."""
        problem = "it has failed"
        with self._mistakes.contained():
            problem = self.unit.reload(time.monotonic())
            self._execution.carry_out()
        return problem

    def reaped(self, pid: int, sts: int) -> None:
        """Handle its last words, and that it was reaped, or a main process before MAINPID=."""
        self.shared.read_inbox()
        if pid != self.pid:
            self.log("info", f"pid {pid} has ended, the main process is {self.pid}")
            return
        self._exec_watch.look()
        self._exec_watch.end()
        self._requests.main_ended()
        super().reaped(pid, sts)

    def _executed(self) -> None:
        with self._mistakes.contained():
            self.unit.executed(time.monotonic())
            self._execution.carry_out()

    def _main_has_ended(self, exit_: ProcessExit, others: int) -> None:
        if not others:
            credentials.remove(self.child.process.credentials)
        self.unit.exited(exit_, time.monotonic(), others)
        self._execution.carry_out()

    def _others_have_ended(self) -> None:
        credentials.remove(self.child.process.credentials)
        self.unit.others_ended(time.monotonic())
        self._execution.carry_out()
