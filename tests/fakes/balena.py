"""A balena Supervisor in memory: its containers, its releases, and what it was asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from hems.clients.balena_answers import Application, Container, Service, Status
from hems.errors import HemsError


@dataclass
class FakeSupervisor:
    """Does what it is asked unless `refusal` says otherwise; `asked` is the history."""

    running: dict[str, Container] = field(default_factory=dict)
    releases: dict[str, Service] = field(default_factory=dict)
    refusal: HemsError | None = None
    has_vpn: bool = False
    downloading: frozenset[str] = frozenset()
    is_applying: bool = False
    asked: list[str] = field(default_factory=list)
    on_restart: Callable[[str], None] = lambda name: None

    def add(self, name: str, release: int = 1, status: str = "Running") -> None:
        self.running[name] = Container(name, status, f"{name}-1")
        self.releases[name] = Service(status, release, None, name)

    def recreate(self, name: str) -> None:
        old = self.running[name]
        number = int(old.container_id.rpartition("-")[2]) + 1
        self.running[name] = msgspec.structs.replace(old, container_id=f"{name}-{number}")

    def change(self, name: str, **changes: object) -> None:
        """Change what /v2/applications/state says, and the container's status with it."""
        self.releases[name] = msgspec.structs.replace(self.releases[name], **changes)
        status = self.releases[name].status
        self.running[name] = msgspec.structs.replace(self.running[name], status=status)

    def status(self) -> Status:
        containers = tuple(self.running.values())
        return Status(containers, self.downloading, self.is_applying or bool(self.downloading))

    def application(self) -> Application:
        return Application(tuple(self.releases.values()), bool(self.downloading))

    def is_vpn_connected(self) -> bool:
        return self.has_vpn

    def restart_service(self, name: str) -> None:
        self._do(f"restart {name}")
        self.recreate(name)
        self.on_restart(name)

    def stop_service(self, name: str) -> None:
        self._do(f"stop {name}")
        self.change(name, status="exited")

    def reboot(self) -> None:
        self._do("reboot")

    def _do(self, what: str) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal


@dataclass
class FakeJournal:
    """Keeps what the restart log would have."""

    lines: list[str] = field(default_factory=list)

    def add(self, action: str, reason: str) -> None:
        self.lines.append(f"{action}: {reason}")

    @property
    def actions(self) -> list[str]:
        return [line.partition(":")[0] for line in self.lines]
