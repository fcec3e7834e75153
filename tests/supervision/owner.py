"""Virtual supervisord: owns one unit's process, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hems.protocols.sd_notify import Message
from hems.supervision.phases import Command
from hems.supervision.restart import Exit
from hems.supervision.spec import Restart, Type, UnitSpec
from hems.supervision.units import Unit


@dataclass
class Owner:
    """Does what the unit commands, at once, and records it as (time, command)."""

    spec: UnitSpec
    now: float = 1000.0
    obstacle: str = ""
    hold: str = ""
    has_process: bool = False
    history: list[tuple[float, Command]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unit = Unit(self.spec)

    @property
    def phase(self) -> str:
        return self.unit.phase.value

    @property
    def commands(self) -> list[Command]:
        return [command for _, command in self.history]

    def starts(self) -> list[float]:
        return [at for at, command in self.history if command is Command.SPAWN]

    def look(self) -> None:
        """Do what is due, until nothing is."""
        while self._do(self.unit.due(self.now, self.obstacle, self.hold)):
            pass

    def run(self, seconds: float) -> None:
        """Let time pass, looking at the unit's deadlines and at the end."""
        end = self.now + seconds
        self.look()
        while self.unit.deadline <= end:
            self.now = max(self.now, self.unit.deadline)
            self.look()
        self.now = end
        self.look()

    def tell(self, **fields: object) -> None:
        self._do(self.unit.receive(Message(**fields), self.now))  # type: ignore[arg-type]

    def exit(self, code: int = 0, signal: int = 0) -> None:
        assert self.has_process
        self.has_process = False
        self.unit.exited(Exit(code, signal), self.now)

    def _do(self, command: Command | None) -> bool:
        if command is None:
            return False
        self.history.append((self.now, command))
        if command is Command.SPAWN:
            assert not self.has_process, "a second process"
            self.has_process = True
            self.unit.spawned(self.now)
        elif command is not Command.EXIT:
            assert self.has_process, f"{command} without a process"
        return True


def launched(**spec: Any) -> Owner:
    """Return a unit that is restarted on failure, already looked at once."""
    own = Owner(UnitSpec("x", **{"restart": Restart.ON_FAILURE, **spec}))
    own.look()
    return own


def ready(**spec: Any) -> Owner:
    own = launched(type=Type.NOTIFY, **spec)
    own.tell(is_ready=True)
    return own
