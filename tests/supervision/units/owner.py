"""A simulated supervisord that owns the process of one unit, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hems.supervision.settings.exec_command import ExecCommand
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitCommand
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.notification_datagram import SdNotifyMessage


def due(
    unit: Unit, now: float, obstacle: str = "", hold: str = "", stop_obstacle: str = ""
) -> UnitCommand | None:
    """Return the next command that is due at `now`."""
    unit.advance(now, obstacle, hold, stop_obstacle)
    return unit.processes.next_command()


@dataclass
class Owner:
    """Carries out each command of the unit at once and records it as (time, command)."""

    spec: UnitSpec
    now: float = 1000.0
    obstacle: str = ""
    hold: str = ""
    stop_obstacle: str = ""
    has_process: bool = False
    triggers: int = 0
    control: ExecCommand | None = None
    history: list[tuple[float, UnitCommand]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unit = Unit(self.spec)

    @property
    def state(self) -> str:
        return self.unit.state.value

    @property
    def commands(self) -> list[UnitCommand]:
        return [command for _, command in self.history]

    def starts(self) -> list[float]:
        return [at for at, command in self.history if command is UnitCommand.SPAWN]

    def step(self) -> None:
        """Carry out what is due, until nothing is."""
        while command := due(self.unit, self.now, self.obstacle, self.hold, self.stop_obstacle):
            self._execute(command)

    def carry_out(self) -> None:
        """Carry out what the unit has ordered."""
        while command := self.unit.processes.next_command():
            self._execute(command)

    def run(self, seconds: float) -> None:
        """Let time pass; act at each deadline of the unit and at the end."""
        end = self.now + seconds
        self.step()
        while self.unit.deadline <= end:
            self.now = max(self.now, self.unit.deadline)
            self.step()
        self.now = end
        self.step()

    def notify(self, **fields: object) -> None:
        self.unit.receive(SdNotifyMessage(**fields), self.now)  # type: ignore[arg-type]
        self.step()

    def start(self) -> None:
        self.unit.start(self.now)
        self.step()

    def stop(self) -> None:
        self.unit.stop(self.now)
        self.step()

    def exit(self, code: int = 0, signal: int = 0, others: int = 0) -> None:
        assert self.has_process
        self.has_process = False
        self.unit.exited(ProcessExit(code, signal), self.now, others)

    def control_exit(self, code: int = 0, signal: int = 0) -> None:
        assert self.control
        self.control = None
        self.unit.control_ended(ProcessExit(code, signal), self.now)
        self.step()

    def _execute(self, command: UnitCommand) -> None:
        if command is UnitCommand.TRIGGER:
            self.triggers += 1
            return
        self.history.append((self.now, command))
        if command is UnitCommand.RUN:
            assert self.control is None, "a second control process"
            self.control = self.unit.processes.control
            return
        if command is UnitCommand.SPAWN:
            assert not self.has_process, "a second process"
            self.has_process = True
            self.unit.spawned(self.now)
        elif command is not UnitCommand.EXIT:
            assert self.unit.is_running, f"{command} without a process"


def launched(**spec: Any) -> Owner:
    """Return the owner of a unit with Restart=on-failure, after its first step."""
    owner = Owner(UnitSpec("x", **{"restart": RestartCondition.ON_FAILURE, **spec}))
    owner.step()
    return owner


def ready(**spec: Any) -> Owner:
    owner = launched(type=UnitType.NOTIFY, **spec)
    owner.notify(is_ready=True)
    return owner
