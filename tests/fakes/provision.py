"""The provision worker on directories of its own, in virtual time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from loguru import logger

from hems.clients.homeassistant import HomeAssistant
from hems.protocols.server_names import ServerNames
from hems.settings import Settings, secrets
from hems.settings.logins import Secret
from hems.settings.problem import Problem
from hems.settings.provision import Provision as Section
from hems.workers.provision import Provision
from hems.workers.provision.influxdb import Connect
from hems.workers.provision.machine import Machine
from hems.workers.provision.peers import Peers
from tests.fakes.balena import FakeSupervisor
from tests.fakes.homeassistant import FakeHomeAssistant
from tests.fakes.homeassistant_socket import in_place
from tests.fakes.time import FakeNotifier, context

CHANGES = ("open", "write", "fsync", "fchmod", "fchown", "mkdir", "replace", "unlink")
HOST_NAME = "hems"
NAMES = ServerNames((HOST_NAME, f"{HOST_NAME}.local"), ("192.0.2.1",))
SOFTWARE_AT = 1_690_000_000.0


class Killed(BaseException):
    """The process is gone: nothing may handle it."""


@dataclass
class Home:
    """What provision finds around it; each `run` is a new process."""

    directory: Path
    environ: dict[str, str] = field(default_factory=dict)
    supervisor: FakeSupervisor | None = field(default_factory=FakeSupervisor)
    influxdb: Connect | None = None
    home_assistant: FakeHomeAssistant | None = None
    names: ServerNames = NAMES
    epoch: float = 1_700_000_000.0
    is_synchronised: bool = True
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data.mkdir(exist_ok=True)
        if self.supervisor:
            for service in ("mqtt", "homeassistant", "nginx-reverse-proxy"):
                self.supervisor.add(service)

    @property
    def gateway(self) -> Path:
        return self.directory / "gateway"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def run(self, until: float = 1.0, during: Callable[[float], None] | None = None) -> None:
        """Run it until virtual time `until` (s); `during` is called before each wait."""
        ctx, time, self.notifier = context(until)
        time.epoch, time.synchronised = self.epoch, self.is_synchronised
        own = Section(gateway_directory=str(self.gateway), data_directory=str(self.data))
        problems: list[Problem] = []
        known = secrets.read(self.environ, problems, own.secrets_directory)
        assert problems == []
        settings = Settings(provision=own, secrets=known)
        client = HomeAssistant(("192.0.2.2", 8123), 20.0) if self.home_assistant else None
        peers = Peers(self.supervisor, self.influxdb, client)
        machine = Machine(HOST_NAME, lambda: self.names, SOFTWARE_AT)
        worker = Provision(settings, peers, machine, sets_owner=False)
        wait = time.wait

        def noted_wait(timeout: float) -> bool:
            if during and timeout:
                during(time.now)
            return wait(timeout)

        time.wait = noted_wait  # type: ignore[method-assign]
        sink = logger.add(lambda line: self.lines.append(str(line)), format="{level} {message}")
        try:
            with in_place(self.home_assistant or FakeHomeAssistant()):
                worker.run(ctx)
        finally:
            logger.remove(sink)

    def secret(self, secret: Secret) -> str:
        return (self.gateway / "secrets" / secret).read_text()

    def contents(self) -> dict[str, tuple[int, bytes]]:
        """Return the mode and content of every file that is not a leftover."""
        found = sorted(path for path in self.directory.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.directory)): (
                path.stat().st_mode & 0o7777,
                path.read_bytes(),
            )
            for path in found
        }


@contextmanager
def disk(on_change: Callable[[int, str], None]) -> Iterator[None]:
    """Call `on_change(number, what)` after each change of the disk that hems.system.files makes."""
    count = 0
    with ExitStack() as patches:
        for name in CHANGES:
            original = getattr(os, name)

            def changed(*arguments: object, _name: str = name, _do: object = original) -> object:
                nonlocal count
                result = _do(*arguments)  # type: ignore[operator]
                is_reading = _name == "open" and not int(str(arguments[1])) & os.O_CREAT
                if not is_reading:
                    count += 1
                    on_change(count, f"{_name} {arguments[0]}")
                return result

            patches.enter_context(patch.object(os, name, changed))
        yield
