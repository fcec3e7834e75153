"""Carry out what the state machine of a unit orders: start, signal and stop its processes."""

from __future__ import annotations

import time

from supervisor.process import Subprocess
from supervisor.states import ProcessStates

from hems.supervision.processes import credentials
from hems.supervision.processes.after_fork import ChildStart
from hems.supervision.processes.child_preparation import ChildPreparation
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.child_process import ChildProcess
from hems.supervision.supervisord.control_process import ControlProcess
from hems.supervision.supervisord.service_process import ServiceProcess
from hems.supervision.supervisord.shared_parts import SharedParts
from hems.supervision.supervisord.unit_config import unit_config
from hems.supervision.units import unit_jobs
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitCommand
from hems.supervision.units.unit_state_machine import Unit


class CommandedProcess(ServiceProcess):
    """The processes of `unit`, in place of supervisord's `plain`, which has never run.

    A subclass publishes the unit's state.
    """

    def __init__(
        self, plain: Subprocess, unit: Unit, sockets: UnitSockets, shared: SharedParts
    ) -> None:
        config = unit_config(plain.config, unit.spec, shared)
        start = ChildPreparation(
            unit.spec.name,
            unit.spec.process,
            config.uid,
            credentials.folder_of(shared.notify_socket.parent, unit.spec.name),
            shared.credentials,
            shared.oom_score_adjust,
        )
        super().__init__(config, unit.spec, ChildStart(start, shared.packages), sockets)
        self.group = plain.group
        self.unit = unit
        self.shared = shared
        self.control: ControlProcess | None = None

    @property
    def control_pids(self) -> tuple[int, ...]:
        """Return the pid of the control process, if there is one."""
        return (self.control.pid,) if self.control and self.control.pid else ()

    def publish(self) -> None:
        """Tell supervisord what has changed."""
        raise NotImplementedError

    def carry_out(self) -> None:
        """Execute the unit's commands."""
        while command := self.unit.processes.next_command():
            self._execute(command)
        self.publish()

    def _execute(self, command: UnitCommand) -> None:
        match command:
            case UnitCommand.SPAWN:
                self._start()
            case UnitCommand.RUN:
                self._run_control()
            case UnitCommand.TRIGGER:
                unit_jobs.trigger(self.unit, self.shared.units(), time.monotonic())
            case UnitCommand.EXIT:
                if self.unit.container_end:
                    self.shared.end(self.unit.container_end, self.unit.spec.name)
            case _:
                self.publish()  # log the reason first
                for process in (self, self.control):
                    if process and process.pid:
                        self._signal(process, command)

    def _signal(self, process: ChildProcess, command: UnitCommand) -> None:
        match command:
            case UnitCommand.STOP:
                process.stop_processes()
            case UnitCommand.RELOAD:
                process.send(self.unit.spec.reload_signal)
            case UnitCommand.ABORT:
                process.send(self.unit.spec.kill.watchdog_signal)
            case UnitCommand.KILL_CONTROL if process is not self:
                process.kill_processes()
            case UnitCommand.KILL:
                process.kill_processes()

    def _start(self) -> None:
        self.shared.packages.compare_with_disk()
        environment = self.config.environment
        for name in [name for name in environment if name.startswith("MONITOR_")]:
            del environment[name]
        environment.update(self.unit.trigger)
        self.state = ProcessStates.STOPPED  # super().spawn() does not accept STARTING
        problem = ""
        try:
            self.sockets.open()
            self.spawn_main()
        except OSError as error:
            problem = str(error)
        if self.pid:
            self.unit.spawned(time.monotonic())
        else:
            self.unit.spawn_failed(problem or str(self.spawnerr), time.monotonic())

    def _run_control(self) -> None:
        unit = self.unit
        if unit.processes.control is None:
            return
        self.control = ControlProcess(
            self,
            unit.processes.control,
            unit.run.environment(self.main_pid) | unit.trigger,
            unit.phase.value,
            (self.shared.read_inbox, self._control_has_ended),
        )
        if not self.control.begin():
            reason, self.control = str(self.control.spawnerr), None
            unit.control_failed(reason, time.monotonic())

    def _control_has_ended(self, exit_: ProcessExit) -> None:
        self.control = None
        self.unit.control_ended(exit_, time.monotonic())
        self.carry_out()

    def log(self, level: str, text: str) -> None:
        """Write a line to supervisord's log."""
        getattr(self.config.options.logger, level)(f"{self.unit.spec.name}: {text}")
