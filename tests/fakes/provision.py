"""The provision worker on directories of its own, in virtual time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace as changed

from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.protocols.web.certificate_requirements import ServerNames
from hems.settings import Settings, read_secrets
from hems.settings.home_assistant import HomeAssistantSettings
from hems.settings.provision import ProvisionSettings
from hems.settings.shared_secret_rules import Secret
from hems.settings.validation_problems import SettingsProblem
from hems.workers.provision import Provision
from hems.workers.provision.influxdb.setup import Connect
from hems.workers.provision.peers_and_host import Host, Peers
from tests.fakes.balena import FakeSupervisor
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import in_place
from tests.fakes.time import FakeNotifier, context

CHANGES = ("open", "write", "fsync", "fchmod", "fchown", "mkdir", "replace", "unlink")
HOST_NAME = "hems"
NAMES = ServerNames((HOST_NAME, f"{HOST_NAME}.local"), ("192.0.2.1",))
LINES: list[str] = []  # all that the test has logged: tests/workers/provision/conftest.py
PARIS = HomeAssistantSettings()
SOFTWARE_AT = 1_690_000_000.0


@dataclass
class Home:
    """What provision finds around it; each `run` is a new process."""

    directory: Path
    environ: dict[str, str] = field(default_factory=dict)
    supervisor: FakeSupervisor | None = field(default_factory=FakeSupervisor)
    influxdb: Connect | None = None
    home_assistant: FakeHomeAssistant | None = None
    names: ServerNames = NAMES
    properties: HomeAssistantSettings = PARIS
    own: ProvisionSettings = field(default_factory=ProvisionSettings)
    mistakes: tuple[SettingsProblem, ...] = ()  # besides those in `environ`
    has_mistakes: bool = False
    open_ports: tuple[int, ...] = ()
    are_pages_on_http: bool = False
    visitors: set[str] = field(default_factory=set)
    adapters: list[tuple[str, int]] = field(default_factory=list)
    epoch: float = 1_700_000_000.0
    is_synchronised: bool = True
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data.mkdir(exist_ok=True)
        if self.supervisor and not self.supervisor.running:
            for service in ("mqtt", "homeassistant", "nginx-reverse-proxy"):
                self.supervisor.add(service)

    @property
    def gateway(self) -> Path:
        return self.directory / "gateway"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def config(self) -> Path:
        """Return Home Assistant's configuration, which a test may create."""
        return self.directory / "config"

    def run(self, until: float = 1.0, during: Callable[[float], None] | None = None) -> None:
        """Run it until virtual time `until` (s); `during` is called before each wait."""
        ctx, time, self.notifier = context(until)
        time.epoch, time.synchronised = self.epoch, self.is_synchronised
        folders = {"gateway_directory": str(self.gateway), "data_directory": str(self.data)}
        own = changed(self.own, **folders)
        problems: list[SettingsProblem] = []
        known = read_secrets.read(self.environ, problems, own.secrets_directory)
        problems += self.mistakes
        assert bool(problems) == self.has_mistakes
        settings = Settings(
            provision=own,
            secrets=known,
            home_assistant=self.properties,
            open_ports=self.open_ports,
            are_pages_on_http=self.are_pages_on_http,
            problems=tuple(problems),
        )
        client = HomeAssistant(("192.0.2.2", 8123), 20.0) if self.home_assistant else None
        peers = Peers(self.supervisor, self.influxdb, client)
        host = Host(
            HOST_NAME,
            lambda: self.names,
            SOFTWARE_AT,
            sets_owner=False,
            announced_as=("gateway_0a1b2c", "home_0a1b2c"),
            home_assistant_folder=self.config if self.config.exists() else None,
            visitor_names=lambda: self.visitors,
            serial_adapters=lambda: tuple(self.adapters),
        )
        worker = Provision(settings, peers, host, problems)
        wait = time.wait

        def noted_wait(timeout: float) -> bool:
            if during and timeout:
                during(time.now)
            return wait(timeout)

        time.wait = noted_wait  # type: ignore[method-assign]
        begun = len(LINES)
        try:
            with in_place(self.home_assistant or FakeHomeAssistant()):
                worker.run(ctx)
        finally:
            self.lines += LINES[begun:]

    def killed(self, until: float = 1.0) -> Iterator[Home]:
        """Run it until virtual time `until` (s), then yield what a kill at each moment leaves.

        Each is a copy, made after one change of the disk or of a peer, that takes the original's
        place: files have paths in them. One run that is copied costs a fraction of one run a kill.
        """
        aside = self.directory.with_name("killed")
        copies: list[Home] = []
        is_copying = False

        def copy(_number: int, what: str = "") -> None:
            nonlocal is_copying
            if is_copying or what.startswith("fsync"):  # which changes nothing
                return
            if what or not copies or not self._has_peers_of(copies[-1]):
                is_copying = True
                copies.append(self._copied(aside / str(len(copies))))
                is_copying = False

        if self.home_assistant is not None:
            self.home_assistant.on_request = copy
        with disk(copy):
            self.run(until)
        for number, home in enumerate(copies):
            self.directory.rename(aside / f"{number}-before")
            (aside / str(number)).rename(self.directory)
            yield home

    def _has_peers_of(self, other: Home) -> bool:
        """Return whether the peers are in the same state as those of `other`."""
        peers = self.home_assistant, self.supervisor
        return peers == (other.home_assistant, other.supervisor)

    def _copied(self, directory: Path) -> Home:
        """Copy the files to `directory` and return the home as it is now, with its peers."""
        shutil.copytree(self.directory, directory, symlinks=True, copy_function=shutil.copy)
        home = replace(self, lines=[], supervisor=deepcopy(self.supervisor))
        home.home_assistant = deepcopy(self.home_assistant)
        if home.home_assistant is not None:
            home.home_assistant.on_request = lambda number: None
        return home

    def secret(self, secret: Secret) -> str:
        return (self.gateway / "secrets" / secret).read_text()

    def waiting_reason(self, step: str) -> str:
        """Return why `step` is not done, as the metrics say; empty if it is done."""
        waiting = self.notifier.latest_metrics["waiting"]
        assert isinstance(waiting, dict)
        return str(waiting.get(step, ""))

    def contents(self) -> dict[str, tuple[int, bytes]]:
        """Return the mode and content of every file that is not a leftover."""
        paths = sorted(path for path in self.directory.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.directory)): (
                path.stat().st_mode & 0o7777,
                path.read_bytes(),
            )
            for path in paths
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
