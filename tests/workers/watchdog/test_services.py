import contextlib
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.clients.balena import Failed, Locked
from hems.clients.balena_answers import Status
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
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


@pytest.fixture
def patient() -> Patient:
    return Patient()


def test_one_that_answers_is_left_alone(patient: Patient) -> None:
    patient.watch(24 * HOUR)
    assert patient.supervisor.asked == []


def test_one_that_hangs_is_restarted_after_four_probes(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * PERIOD_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]
    assert patient.journal.lines == ["restart influxdb: no answer within 3 s"]


def test_a_single_answer_begins_the_count_anew(patient: Patient) -> None:
    patient.watch(HOUR)
    for _ in range(20):
        patient.is_hung = True
        patient.watch(3 * PERIOD_S)
        patient.is_hung = False
        patient.watch(PERIOD_S)
    assert patient.restarted_at == []


def test_a_new_container_has_its_time_to_begin(patient: Patient) -> None:
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [START_S]


def test_one_that_was_updated_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.supervisor.recreate(NAME)
    patient.is_hung = True
    patient.watch(START_S)
    assert patient.restarted_at == []


def test_one_that_was_started_again_by_somebody_has_its_time_to_begin(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * PERIOD_S)
    patient.supervisor.change(NAME, status="exited")
    patient.watch(PERIOD_S)
    patient.supervisor.change(NAME, status="Running")  # in the same container
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


def test_what_somebody_has_stopped_or_removed_is_not_given_up_any_more(patient: Patient) -> None:
    given_up(patient)
    patient.supervisor.running.clear()
    patient.watch(PERIOD_S)
    assert not patient.check.health.is_given_up
    patient.supervisor.add(NAME)
    patient.watch(24 * HOUR)
    assert patient.check.health.is_given_up
    assert len(patient.restarted_at) == 3
    assert patient.journal.actions.count("give up influxdb") == 1


def test_answers_before_and_after_a_stop_are_not_one_row_of_answers(patient: Patient) -> None:
    given_up(patient)
    for status, is_hung in (("Running", False), ("exited", True), ("Running", False)):
        patient.supervisor.change(NAME, status=status)
        patient.is_hung = is_hung
        patient.watch(9 * MINUTE)
    assert patient.check.health.restarts == 3


def test_restarts_keep_the_cool_down_and_end_with_giving_up(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    patient.watch(48 * HOUR)
    assert len(patient.restarted_at) == 3
    first, second, third = patient.restarted_at
    assert min(second - first, third - second) >= SETTINGS.cooldown_s
    assert patient.check.health.is_given_up
    assert patient.journal.actions == ["restart influxdb"] * 3 + ["give up influxdb"]


def given_up(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    patient.watch(3 * HOUR)
    assert patient.check.health.is_given_up


def test_what_was_given_up_is_taken_up_again_once_it_answers(patient: Patient) -> None:
    given_up(patient)
    patient.is_hung = False
    patient.watch(PERIOD_S)
    assert not patient.check.health.is_given_up
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * HOUR)
    assert len(patient.restarted_at) == 6


def test_a_moments_answer_gives_no_more_restarts(patient: Patient) -> None:
    given_up(patient)
    for _ in range(20):
        patient.is_hung = False
        patient.watch(PERIOD_S)
        patient.is_hung = True
        patient.watch(20 * MINUTE)
    assert len(patient.restarted_at) == 3
    assert patient.check.health.is_given_up


def test_one_that_flaps_is_noted_as_given_up_once_until_it_has_its_restarts_back(
    patient: Patient,
) -> None:
    given_up(patient)
    for is_hung in [False, True] * 20:
        patient.is_hung = is_hung
        patient.watch(9 * MINUTE)
    assert patient.journal.actions.count("give up influxdb") == 1
    patient.is_hung = False
    patient.watch(HOUR)
    patient.is_hung = True
    patient.watch(3 * HOUR)
    assert patient.journal.actions.count("give up influxdb") == 2


def test_after_a_restart_of_the_watchdog_it_has_the_restarts_it_had(patient: Patient) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.heals = True, False
    for restarts in range(1, 4):
        patient.watch(12 * MINUTE)
        assert len(patient.restarted_at) == restarts
        patient.start_again()
    patient.watch(24 * HOUR)
    assert len(patient.restarted_at) == 3
    patient.start_again()
    assert patient.check.health.is_given_up
    patient.watch(24 * HOUR)
    assert patient.journal.actions == ["restart influxdb"] * 3 + ["give up influxdb"]


@pytest.mark.parametrize(
    "changes", [{"status": "Downloading"}, {"status": "exited"}, {"download_progress": 1.0}]
)
def test_one_that_does_not_run_or_is_updated_is_left_alone(
    patient: Patient, changes: dict[str, object]
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    patient.supervisor.change(NAME, **changes)
    patient.watch(24 * HOUR)
    assert patient.restarted_at == []
    assert not patient.check.health.is_given_up


def test_the_old_container_is_left_alone_for_as_long_as_the_new_image_is_downloaded(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.downloading = True, frozenset({NAME})
    patient.watch(24 * HOUR)
    assert patient.restarted_at == []
    patient.supervisor.downloading = frozenset()
    patient.supervisor.recreate(NAME)
    patient.watch(START_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("update", [{"is_applying": True}, {"downloading": frozenset({"mqtt"})}])
def test_a_restart_waits_for_the_update_of_others(
    patient: Patient, update: dict[str, object]
) -> None:
    patient.watch(HOUR)
    vars(patient.supervisor).update(update)
    patient.is_hung = True
    patient.watch(30 * MINUTE)
    assert patient.restarted_at == []
    vars(patient.supervisor).update(is_applying=False, downloading=frozenset())
    patient.watch(PERIOD_S)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("wait_s", [10 * MINUTE, HOUR])
def test_a_restart_waits_only_so_long_for_an_update_that_never_ends(wait_s: float) -> None:
    patient = Patient(update_wait_s=wait_s)
    patient.supervisor.is_applying = True
    patient.watch(48 * HOUR)
    patient.is_hung = True
    patient.watch(wait_s + 3 * PERIOD_S)
    assert patient.restarted_at == []
    patient.watch(PERIOD_S)
    assert patient.restarted_at == [48 * HOUR + wait_s + 3 * PERIOD_S]


def test_an_update_that_comes_and_goes_does_not_make_the_patience_begin_anew(
    patient: Patient,
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    for is_applying in (True, False, True, False):
        patient.supervisor.is_applying = is_applying
        patient.watch(PERIOD_S)
    assert patient.restarted_at == [HOUR + 3 * PERIOD_S]


def test_a_service_that_the_fleet_does_not_have_is_left_alone(patient: Patient) -> None:
    patient.supervisor.running.clear()
    patient.is_hung = True
    patient.watch(HOUR)
    assert patient.supervisor.asked == []


@pytest.mark.parametrize("refusal", [Locked("423"), Rejected("404")])
def test_a_refused_restart_waits_and_does_not_count(patient: Patient, refusal: HemsError) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, refusal
    patient.watch(3 * HOUR)
    assert 10 <= len(patient.supervisor.asked) <= 18
    assert patient.check.health.restarts == 0
    assert patient.journal.lines == []
    patient.supervisor.refusal = None
    patient.watch(HOUR)
    assert len(patient.restarted_at) == 1


@pytest.mark.parametrize("loss", [Unavailable("60 s"), Failed("503"), ProtocolError("?")])
def test_a_restart_that_may_have_happened_counts_and_is_noted(
    patient: Patient, loss: HemsError
) -> None:
    patient.watch(HOUR)
    patient.is_hung, patient.supervisor.refusal = True, loss
    patient.watch(24 * HOUR)
    assert len(patient.supervisor.asked) == 3
    assert patient.check.health.is_given_up
    line = f"restart influxdb: no answer within 3 s; not confirmed: {loss}"
    assert patient.journal.lines[:3] == [line] * 3


def away() -> NoReturn:
    raise Unavailable("connection refused")


def test_without_the_supervisor_nothing_is_counted(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.watch(HOUR)
    patient.is_hung = True
    with monkeypatch.context() as patch:
        patch.setattr(patient.supervisor, "status", away)
        with pytest.raises(Unavailable):
            patient.check.step(patient.now)
        patient.watch(HOUR)
    assert patient.check.health.failures == 0


def test_which_container_answers_is_asked_once(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.supervisor.running.clear()  # somebody answers there, but it is none of the fleet's
    questions: list[float] = []
    really = patient.supervisor.status

    def counted() -> Status:
        questions.append(patient.now)
        return really()

    monkeypatch.setattr(patient.supervisor, "status", counted)
    patient.watch(24 * HOUR)
    assert questions == [0.0]


def test_a_service_that_answers_is_not_in_trouble_without_the_supervisor(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(patient.supervisor, "status", away)
        patient.check.step(patient.now)
    patient.watch(HOUR)  # learns the container
    patient.is_hung = True
    patient.watch(4 * PERIOD_S)
    assert len(patient.restarted_at) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 200)), max_size=30))
def test_no_sequence_of_answers_restarts_faster_than_the_rules(
    spells: list[tuple[bool, int]],
) -> None:
    patient = Patient(heals=False)
    for is_hung, steps in spells:
        patient.is_hung = is_hung
        patient.watch(steps * PERIOD_S)
    gaps = [after - before for before, after in pairwise(patient.restarted_at)]
    assert all(gap >= SETTINGS.cooldown_s for gap in gaps)
    rows = [
        (is_hung, PERIOD_S * sum(steps for _, steps in row))
        for is_hung, row in groupby(spells, key=itemgetter(0))
    ]
    calm = sum(not is_hung and lasted_s > SETTINGS.cooldown_s for is_hung, lasted_s in rows)
    assert len(patient.restarted_at) <= SETTINGS.give_up_after * (calm + 1)
