"""A balena Supervisor in memory: its containers, its releases, and the requests that it got."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.balena.supervisor_responses import (
    ApplicationState,
    Container,
    DeviceStatus,
    ServiceState,
)
from hems.errors import HemsError
from hems.worker_runtime import Clock
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers
from tests.fakes.time import FakeTime


@dataclass
class FakeSupervisor(BalenaSupervisor):
    """Does what is requested unless `refusal` says otherwise; `requests` is the history."""

    running: dict[str, Container] = field(default_factory=dict)
    releases: dict[str, ServiceState] = field(default_factory=dict)
    refusal: HemsError | None = None
    has_vpn: bool = False
    downloading: frozenset[str] = frozenset()
    is_applying: bool = False
    is_rejected: bool = False
    requests: list[str] = field(default_factory=list)
    on_restart: Callable[[str], None] = lambda name: None
    on_refusal: Callable[[], None] = lambda: None

    def add(self, name: str, release: int = 1, status: str = "Running") -> None:
        self.running[name] = Container(name, status, f"{name}-1")
        self.releases[name] = ServiceState(status, release, None, name)

    def recreate(self, name: str, created_at: str = "") -> None:
        old = self.running[name]
        number = int(old.container_id.rpartition("-")[2]) + 1
        self.running[name] = msgspec.structs.replace(
            old, container_id=f"{name}-{number}", created_at=created_at
        )

    def change(self, name: str, **changes: object) -> None:
        """Change what /v2/applications/state says, and the container's status with it."""
        self.releases[name] = msgspec.structs.replace(self.releases[name], **changes)
        status = self.releases[name].status
        self.running[name] = msgspec.structs.replace(self.running[name], status=status)

    def status(self) -> DeviceStatus:
        containers = tuple(self.running.values())
        return DeviceStatus(
            containers, self.downloading, self.is_applying or bool(self.downloading)
        )

    def application(self) -> ApplicationState:
        services = () if self.is_rejected else tuple(self.releases.values())
        return ApplicationState(services, bool(self.downloading), self.is_rejected)

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
        self.requests.append(what)
        if self.refusal is not None:
            self.on_refusal()
            raise self.refusal


def running_containers(
    supervisor: BalenaSupervisor, clock: Clock | None = None
) -> RunningContainers:
    """Return what the watchdog's checks share, for rounds of 30 s."""
    return RunningContainers(supervisor, clock or FakeTime(), 15.0)


@dataclass
class FakeRestartLog(RestartLog):
    """Keeps the lines of the restart log in memory."""

    lines: list[str] = field(default_factory=list)

    last: str = ""

    def add(self, action: str, reason: str) -> None:
        self.show(action, reason)
        self.lines.append(self.last)

    def show(self, action: str, reason: str) -> None:
        self.last = f"{action}: {reason}"

    @property
    def actions(self) -> list[str]:
        return [line.partition(":")[0] for line in self.lines]
