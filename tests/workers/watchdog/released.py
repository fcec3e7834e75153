"""A home whose release changes, and the check that looks after it."""

import contextlib
from pathlib import Path

from hems.errors import HemsError
from hems.workers.watchdog.home_assistant_release_restart import (
    HomeAssistantReleaseCheck,
    ReleaseWaits,
)
from tests.fakes.balena import FakeRestartLog, FakeSupervisor, running_containers

HA = "homeassistant"


class Home:
    """The check with what surrounds it; `watch` steps every 30 s."""

    def __init__(self, directory: Path) -> None:
        self.version = directory / "version.txt"
        self.supervisor = FakeSupervisor()
        self.supervisor.add(HA, release=1)
        self.restart_log = FakeRestartLog()
        self.now = 0.0
        self.start()

    def start(self) -> None:
        waits = ReleaseWaits(settle_s=120.0, update_s=3600.0)
        self.check = HomeAssistantReleaseCheck(
            running_containers(self.supervisor), self.version, waits, self.restart_log
        )

    def watch(self, seconds: float) -> None:
        for _ in range(int(seconds // 30)):
            self.check.step(self.now)
            self.now += 30

    def watch_in_vain(self, seconds: float) -> None:
        for _ in range(int(seconds // 30)):
            with contextlib.suppress(HemsError):
                self.check.step(self.now)
            self.now += 30
