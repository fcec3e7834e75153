"""A service in virtual time, and the check that looks after it."""

import contextlib
from dataclasses import dataclass, field

from hems.errors import HemsError, Unavailable
from hems.settings.watchdog import Service
from hems.workers.watchdog.services import ServiceCheck
from tests.fakes.balena import FakeJournal, FakeSupervisor

NAME = "influxdb"
SETTINGS = Service("tcp://h:1", patience=4, cooldown_s=600.0, give_up_after=3)
PERIOD_S = 30.0
MINUTE, HOUR = 60.0, 3600.0
START_S = 600.0 + 3 * PERIOD_S  # a new container's time, and then the patience


@dataclass
class Patient:
    """A service that hangs or answers, and the check that looks after it every 30 s."""

    supervisor: FakeSupervisor = field(default_factory=FakeSupervisor)
    journal: FakeJournal = field(default_factory=FakeJournal)
    is_hung: bool = False
    heals: bool = True  # when restarted
    update_wait_s: float = HOUR
    now: float = 0.0
    restarted_at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.supervisor.add(NAME)
        self.supervisor.on_restart = self._restarted
        self.check = self._new_check()

    def start_again(self) -> None:
        """Start the worker anew, with what it told the others before."""
        old, self.check = self.check.health, self._new_check()
        self.check.health.resume(old.restarts, is_given_up=old.is_given_up)

    def _new_check(self) -> ServiceCheck:
        return ServiceCheck(
            NAME, SETTINGS, self.update_wait_s, self._probe, self.supervisor, self.journal
        )

    def watch(self, seconds: float) -> None:
        for _ in range(int(seconds // PERIOD_S)):
            with contextlib.suppress(HemsError):
                self.check.step(self.now)
            self.now += PERIOD_S

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
