"""Carry out what the state machine of a unit orders: start, signal and stop its processes."""

from __future__ import annotations

import time
from collections.abc import Callable

from supervisor.states import ProcessStates, SupervisorStates

from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.control_process import ControlProcess
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.supervised_subprocess import ChildProcess
from hems.supervision.units import dependency_actions
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitCommand
from hems.supervision.units.unit_state_machine import Unit


class CommandExecution:
    """The commands of `unit` to its `main` process and to a control process beside it.

    `publish` tells supervisord what has changed.
    """

    def __init__(
        self,
        unit: Unit,
        main: ChildProcess,
        sockets: UnitSockets,
        shared: SharedByUnits,
        publish: Callable[[], None],
    ) -> None:
        self._unit = unit
        self._main = main
        self._sockets = sockets
        self._shared = shared
        self._publish = publish
        self.control: ControlProcess | None = None

    @property
    def processes(self) -> list[ChildProcess]:
        """Return the main process, and the control process if there is one; they may have ended."""
        return [self._main, self.control] if self.control else [self._main]

    def carry_out(self) -> None:
        """Execute the unit's commands."""
        while command := self._unit.processes.next_command():
            self._execute(command)
        self._publish()

    def _execute(self, command: UnitCommand) -> None:
        unit, shared = self._unit, self._shared
        match command:
            case UnitCommand.SPAWN:
                self._start()
            case UnitCommand.RUN:
                self._run_control()
            case UnitCommand.TRIGGER:
                self._trigger()
            case UnitCommand.EXIT:
                if unit.container_end:
                    shared.end(unit.container_end, unit.spec.name)
            case _:
                self._publish()  # log the reason first
                for process in self.processes:
                    if process.pid:
                        self._signal(process, command)

    def _trigger(self) -> None:
        """Start what OnFailure or OnSuccess names, unless supervisord is ending."""
        if self._main.config.options.mood == SupervisorStates.RUNNING:
            dependency_actions.trigger(self._unit, self._shared.units(), time.monotonic())

    def _signal(self, process: ChildProcess, command: UnitCommand) -> None:
        match command:
            case UnitCommand.STOP:
                process.stop_processes()
            case UnitCommand.RELOAD:
                process.send(self._unit.spec.reload_signal)
            case UnitCommand.ABORT:
                process.send(self._unit.spec.kill.watchdog_signal)
            case UnitCommand.KILL_CONTROL if process is not self._main:
                process.kill_processes()
            case UnitCommand.KILL:
                process.kill_processes()

    def _start(self) -> None:
        unit, main = self._unit, self._main
        if self._shared.packages:
            self._shared.packages.compare_with_disk()
        environment = main.config.environment
        for name in [name for name in environment if name.startswith("MONITOR_")]:
            del environment[name]
        environment.update(unit.trigger)
        main.state = ProcessStates.STOPPED  # Subprocess.spawn() does not accept STARTING
        problem = ""
        try:
            self._sockets.open()
            main.spawn_main()
        except OSError as error:
            problem = str(error)
        if main.pid:
            unit.spawned(time.monotonic())
        else:
            unit.spawn_failed(problem or str(main.spawnerr), time.monotonic())

    def _run_control(self) -> None:
        unit = self._unit
        if unit.processes.control is None:
            return
        self.control = ControlProcess(
            self._main,
            unit.processes.control,
            unit.run.environment(self._main.main_pid) | unit.trigger,
            unit.phase.value,
            (self._shared.read_inbox, self._control_has_ended),
        )
        if not self.control.begin():
            reason, self.control = str(self.control.spawnerr), None
            unit.control_failed(reason, time.monotonic())

    def _control_has_ended(self, exit_: ProcessExit) -> None:
        self.control = None
        self._unit.control_ended(exit_, time.monotonic())
        self.carry_out()
