"""The list of problems in virtual time: patience, end, restarts, clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from hems.supervision.health.problem_list import (
    MAX_WATCHED,
    UPDATE_S,
    ListedProblem,
    ProblemList,
    load_kinds,
)
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.problem import Actor, ProblemKind, ReportedProblem

SILENT = ProblemKind(
    "meter-silent", "{subject} is silent", "look at {subject}", Actor.FAMILY, 60.0, 20.0
)
STOPPED = ProblemKind("unit-stopped", "{subject} does not run", patience_s=10.0)
EPOCH = 1_800_000_000.0
START = "2027-01-15T08:00:00+00:00"  # EPOCH


@dataclass
class Listing:
    """One unit and the list, updated every UPDATE_S as supervisord does."""

    now: float = 0.0
    offset: float = EPOCH  # of the wall clock
    log: list[str] = field(default_factory=list)
    kinds: Mapping[str, ProblemKind] = field(default_factory=lambda: {SILENT.name: SILENT})

    def __post_init__(self) -> None:
        self.problems = ProblemList(self.kinds, self.log.append, self.log.append)
        self.unit = Unit(UnitSpec("d2l", restart=RestartCondition.ON_FAILURE, limit_burst=0))
        self.begin()

    def begin(self) -> None:
        self.unit.advance(self.now)
        self.unit.spawned(self.now)

    def crash(self) -> None:
        self.unit.exited(ProcessExit(1), self.now)

    def stop(self) -> None:
        self.unit.stop(self.now)
        self.unit.exited(ProcessExit(signal=15), self.now)

    def restart(self) -> None:
        self.crash()
        self.now = self.unit.deadline
        self.begin()

    def pass_for(self, seconds: float, *reports: ReportedProblem) -> None:
        """Let the worker report these problems for `seconds`; none means that it has none."""
        self.unit.problems = reports
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.update()
            self.now += UPDATE_S

    def update(self) -> None:
        self.problems.update(self.now, self.offset + self.now, lambda: {"d2l": self.unit})

    @property
    def listed(self) -> tuple[ListedProblem, ...]:
        return self.problems.of("d2l")

    @property
    def names(self) -> list[str]:
        return [problem.name for problem in self.listed]


METER = SILENT.found("no frame since 08:00", "0123")


def test_a_problem_is_listed_after_its_patience_with_the_time_at_which_it_began() -> None:
    listing = Listing()
    listing.pass_for(58, METER)
    assert listing.names == []
    listing.wait(4)
    assert listing.listed == (
        ListedProblem(
            name="meter-silent",
            subject="0123",
            title="0123 is silent",
            since=START,
            found="no frame since 08:00",
            what_to_do="look at 0123",
            who="family",
            began_at=0.0,
        ),
    )


def test_every_problem_is_one_line_when_it_begins_and_one_when_it_is_over() -> None:
    listing = Listing()
    for _ in range(2):
        listing.pass_for(100, METER)
        listing.pass_for(100)
    assert listing.log == 2 * [
        "problem meter-silent 0123: no frame since 08:00",
        "problem meter-silent 0123 is over after 98 s",
    ]


def test_a_problem_within_its_patience_is_never_shown() -> None:
    listing = Listing()
    for _ in range(5):
        listing.pass_for(50, METER)
        listing.pass_for(30)
    assert listing.log == []


def test_a_problem_that_comes_and_goes_stays_listed() -> None:
    listing = Listing()
    for _ in range(20):
        listing.pass_for(10, METER)
        listing.pass_for(10)
    assert listing.log == ["problem meter-silent 0123: no frame since 08:00"]
    assert [problem.since for problem in listing.listed] == [START]


def test_what_was_found_may_change_and_the_start_stays() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    listing.pass_for(100, SILENT.found("something else", "0123"))
    [problem] = listing.listed
    assert (problem.found, problem.since) == ("something else", START)
    assert len(listing.log) == 1


def test_two_subjects_are_two_problems_the_oldest_first() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    listing.pass_for(100, SILENT.found("no frame", "0045"), METER)
    assert [problem.subject for problem in listing.listed] == ["0123", "0045"]


def test_a_restart_of_the_reporting_worker_changes_nothing() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    for _ in range(2):
        listing.restart()
        listing.wait(300)  # it does not know yet
        assert [problem.since for problem in listing.listed] == [START]
        listing.pass_for(10, METER)
    listing.restart()
    listing.pass_for(30)
    assert listing.listed == ()


def test_a_restart_does_not_reset_the_patience() -> None:
    listing = Listing()
    listing.pass_for(40, METER)
    listing.restart()
    listing.wait(10)
    listing.pass_for(20, METER)
    assert listing.names == ["meter-silent"]


def test_what_a_worker_does_not_know_stays_as_it_was() -> None:
    listing = Listing()
    listing.pass_for(100, SILENT.unknown("0123"))
    assert listing.listed == ()
    listing.pass_for(100, METER)
    listing.pass_for(1000, SILENT.unknown("0123"))
    assert listing.names == ["meter-silent"]
    listing.pass_for(30)
    assert listing.listed == ()


def test_what_a_worker_does_not_know_of_any_subject_stays_as_it_was() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    listing.pass_for(1000, SILENT.unknown())
    assert [problem.since for problem in listing.listed] == [START]
    listing.pass_for(1000, ReportedProblem("another"))
    assert listing.listed == ()


def test_a_clock_that_is_set_later_corrects_the_start() -> None:
    listing = Listing(offset=0.0)
    listing.pass_for(100, METER)
    assert listing.listed[0].since == "1970-01-01T00:00:00+00:00"
    listing.offset = EPOCH
    listing.wait(2)
    assert listing.listed[0].since == START


def test_a_clock_that_is_slewed_does_not_change_the_start() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    for _ in range(4):
        listing.offset += 1.0
        listing.wait(2)
    assert listing.listed[0].since == START


def test_a_name_without_a_kind_is_listed_at_once() -> None:
    listing = Listing()
    listing.pass_for(2, ReportedProblem("odd", "", "something"))
    [problem] = listing.listed
    assert (problem.name, problem.title, problem.found) == ("odd", "", "something")
    listing.pass_for(2)
    assert listing.listed == ()


def test_a_failed_unit_is_the_problem_in_place_of_what_it_reported() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    listing.unit.status = "[mqtt] port: found 'x'"
    listing.unit.spec = UnitSpec("d2l", restart=RestartCondition.NO)
    listing.crash()
    listing.wait(30)
    [problem] = listing.listed
    assert (problem.name, problem.subject) == ("unit-failed", "d2l")
    assert problem.found == "exit status 1; its last status: [mqtt] port: found 'x'"


def test_a_unit_that_is_stopped_by_hand_is_a_problem_until_it_runs() -> None:
    listing = Listing()
    for _ in range(2):
        listing.stop()
        listing.wait(2)
        assert listing.names == ["unit-stopped"]
        listing.unit.start(listing.now)
        listing.begin()
        listing.wait(2)
        assert listing.names == []


def test_a_restart_by_hand_changes_nothing_but_a_stop_ends_what_the_worker_reported() -> None:
    listing = Listing(kinds={STOPPED.name: STOPPED})
    odd = ReportedProblem("odd", "", "something")
    listing.pass_for(100, odd)
    for _ in range(2):
        listing.stop()
        listing.wait(8)
        assert [problem.since for problem in listing.listed] == [START]
        listing.unit.start(listing.now)
        listing.begin()
        listing.pass_for(100, odd)
        assert [problem.since for problem in listing.listed] == [START]
    listing.stop()
    listing.wait(60)
    assert listing.names == ["unit-stopped"]


def test_a_unit_that_starts_on_request_only_is_no_problem() -> None:
    listing = Listing()
    listing.unit = Unit(UnitSpec("d2l", is_autostarted=False))
    listing.wait(100)
    assert listing.listed == ()


def test_a_unit_that_fails_in_a_loop_is_a_problem_until_it_runs_for_long() -> None:
    listing = Listing()
    for _ in range(2):
        for _ in range(2):
            listing.restart()
        listing.wait(2)
        assert listing.names == []
        listing.restart()
        listing.wait(2)
        assert listing.names == ["unit-restarting"]
        listing.wait(20)  # more than StartLimitIntervalSec
        assert listing.names == []
        listing.unit.starts.forget()


def test_a_unit_that_fails_after_every_long_run_is_a_problem_for_an_hour() -> None:
    listing = Listing()
    for _ in range(4):
        listing.wait(600)
        assert listing.names == []
        listing.restart()
    listing.wait(2)
    assert listing.names == ["unit-restarting"]
    listing.wait(3600)
    assert listing.names == []


def test_a_unit_that_was_removed_has_no_problems() -> None:
    listing = Listing()
    listing.pass_for(100, METER)
    for _ in range(15):
        listing.now += UPDATE_S
        listing.problems.update(listing.now, EPOCH, dict)
    assert listing.listed == ()
    assert listing.log[-1] == "problem meter-silent 0123 is over after 98 s"


def test_a_worker_that_invents_subjects_does_not_fill_the_memory() -> None:
    listing = Listing()
    for number in range(3):
        subjects = range(number * MAX_WATCHED, (number + 1) * MAX_WATCHED)
        reports = [ReportedProblem("lost", str(subject), "") for subject in subjects]
        listing.pass_for(UPDATE_S, ReportedProblem("lost"), *reports)  # and keep the earlier ones
    assert len(listing.listed) == MAX_WATCHED


def test_another_supervisord_continues_the_list() -> None:
    before = Listing()
    before.pass_for(100, METER)
    after = Listing(now=102.0)
    after.problems.restore("d2l", before.listed, after.now, EPOCH + after.now)
    after.wait(100)  # the worker has not reported yet
    assert after.listed == before.listed
    after.pass_for(30)
    assert after.log == ["problem meter-silent 0123 is over after 200 s"]


@pytest.mark.parametrize(
    "name", ["nowhere:KINDS", "hems.supervision.worker.problem:NONE", "nonsense"]
)
def test_a_table_that_cannot_be_imported_is_empty_and_logged(name: str) -> None:
    log: list[str] = []
    assert load_kinds(name, log.append) == {}
    assert log[0].startswith(f"problem_kinds = {name}: ")
