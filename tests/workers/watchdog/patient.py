"""A service in virtual time, and the check that looks after it."""

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hems.errors import HemsError, Unavailable
from hems.settings.watchdog import ServiceSettings
from hems.workers.watchdog.service_repair import ServiceRepair
from tests.fakes.balena import FakeRestartLog, FakeSupervisor, running_containers
from tests.fakes.time import FakeTime

NAME = "influxdb"
SETTINGS = ServiceSettings("tcp://h:1", patience=4, cooldown_s=600.0, give_up_after=3)
PERIOD_S = 30.0
MINUTE, HOUR = 60.0, 3600.0
START_S = 600.0 + 3 * PERIOD_S  # a new container's time, and then the patience


@dataclass
class Patient:
    """A service that hangs or answers, and the check that looks after it every 30 s."""

    supervisor: FakeSupervisor = field(default_factory=FakeSupervisor)
    restart_log: FakeRestartLog = field(default_factory=FakeRestartLog)
    is_hung: bool = False
    heals: bool = True  # when restarted
    update_wait_s: float = HOUR
    now: float = 0.0
    restarted_at: list[float] = field(default_factory=list)
    clock: FakeTime = field(default_factory=FakeTime)

    def __post_init__(self) -> None:
        self.supervisor.add(NAME)
        self.supervisor.on_restart = self._restarted
        self.containers = running_containers(self.supervisor, self.clock)
        self.check = self.new_check()

    def start_again(self) -> None:
        """Start the worker again, with the report that it wrote before."""
        old, self.containers = self.check.health, running_containers(self.supervisor, self.clock)
        self.check = self.new_check()
        self.check.health.resume(old.restarts, is_given_up=old.is_given_up)

    def new_check(self, name: str = NAME) -> ServiceRepair:
        return ServiceRepair(
            name, SETTINGS, self.update_wait_s, self._probe, self.containers, self.restart_log
        )

    def watch(self, seconds: float) -> None:
        for _ in range(int(seconds // PERIOD_S)):
            self.clock.now = self.now
            with contextlib.suppress(HemsError):
                self.check.step(self.now)
            self.now += PERIOD_S

    def created_at(self, monotonic_s: float) -> str:
        """Return the time as the Supervisor writes it."""
        unix_time = self.clock.epoch + monotonic_s
        return datetime.fromtimestamp(unix_time, UTC).isoformat(timespec="milliseconds")

    def _probe(self) -> None:
        if self.is_hung:
            raise Unavailable("no answer within 3 s")

    def _restarted(self, _name: str) -> None:
        self.restarted_at.append(self.now)
        self.is_hung = self.is_hung and not self.heals


def given_up(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    patient.watch(3 * HOUR)
    assert patient.check.health.is_given_up
