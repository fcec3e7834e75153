"""What the watchdog reports as problems, from real rounds in virtual time."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hems.errors import Rejected, Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.watchdog.watchdog_problems import problems
from tests.fakes.time import FakeNotifier, context
from tests.workers.watchdog.surroundings import Home, Recorder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def hung() -> None:
    raise Unavailable("no answer")


def reported(notifier: FakeNotifier) -> list[tuple[str, str]]:
    assert notifier.latest_problems is not None
    return [(problem.name, problem.subject) for problem in notifier.latest_problems]


def found(notifier: FakeNotifier) -> str | None:
    [problem] = notifier.latest_problems or [ReportedProblem("none")]
    return problem.found


def test_a_gateway_that_works_reports_that_it_has_no_problem(home: Home) -> None:
    ctx, clock, notifier = context(until=61)
    home.rounds(clock).run(ctx)
    assert notifier.latest_problems == ()


def test_before_the_internet_was_checked_nothing_is_known(home: Home) -> None:
    ctx, clock, notifier = context(until=0)
    home.rounds(clock).run(ctx)
    assert notifier.latest_problems is None


def test_a_service_that_is_given_up_is_a_problem_until_it_answers(home: Home) -> None:
    home.supervisor.add("mqtt")
    ctx, clock, notifier = context(until=3600)
    for _ in range(2):
        home.probe = hung
        home.rounds(clock).run(ctx)
        assert reported(notifier) == [("service-given-up", "mqtt")]
        assert found(notifier) == "3 restarts; it is left alone until it answers"
        home.probe = lambda: None
        clock.until += 3600
        home.rounds(clock).run(ctx)
        assert notifier.latest_problems == ()
        clock.until += 3600


def test_reboots_that_do_not_help_are_a_problem() -> None:
    report = WatchdogState(9.0, 90.0, Internet.LAN_ONLY, 0.0, is_reboot_budget_exhausted=True)
    [problem] = problems(report, {})
    assert problem.name == "internet-away"
    assert problem.found == "the local network works, but nothing beyond it answers"
    is_back = msgspec.structs.replace(report, internet=Internet.ONLINE)
    assert not list(problems(is_back, {}))


def test_a_disk_that_cannot_be_written_is_one_problem_in_the_disks_words(home: Home) -> None:
    home.data = home.directory / "data"
    ctx, clock, notifier = context(until=60)
    home.rounds(clock).run(ctx)
    assert reported(notifier) == [("data-unwritable", "")]
    assert found(notifier) == f"{home.data} is missing; create or mount it"


def test_one_fault_of_the_supervisor_is_one_problem(home: Home) -> None:
    fault = Unavailable("127.0.0.1:48484: Connection refused")
    ctx, clock, notifier = context(until=60)
    home.rounds(clock, Recorder("release", fault), Recorder("repeater", fault)).run(ctx)
    assert reported(notifier) == [("balena-fails", "")]
    assert found(notifier) == "repeater: 127.0.0.1:48484: Connection refused"


def test_two_faults_are_both_named(home: Home) -> None:
    refused = Recorder("repeater", Rejected("401"))
    ctx, clock, notifier = context(until=60)
    home.rounds(clock, Recorder("release", Unavailable("503")), refused).run(ctx)
    assert found(notifier) == "release: 503; repeater: 401"


def test_a_service_without_a_container_is_a_problem_unless_an_update_explains_it(
    home: Home,
) -> None:
    home.supervisor.add("mqtt")
    ctx, clock, notifier = context(until=60)
    home.probe = hung
    for is_applying in (False, True, False):
        home.supervisor.is_applying = is_applying
        home.supervisor.change("mqtt", status="exited")
        home.rounds(clock).run(ctx)
        assert reported(notifier) == ([] if is_applying else [("service-missing", "mqtt")])
        clock.until += 60
    home.supervisor.change("mqtt", status="Running")
    home.rounds(clock).run(ctx)
    assert reported(notifier) == []


def test_a_rejected_release_is_a_problem_until_there_is_another(home: Home) -> None:
    home.supervisor.add("mqtt")
    ctx, clock, notifier = context(until=60)
    home.probe = hung  # what runs is still looked after
    for is_rejected in (True, False, True):
        home.supervisor.is_rejected = is_rejected
        home.rounds(clock).run(ctx)
        assert reported(notifier) == ([("release-rejected", "")] if is_rejected else [])
        clock.until += 60


def test_a_reboot_that_does_not_happen_is_a_problem() -> None:
    report = WatchdogState(9.0, 90.0, Internet.NO_LINK, 0.0, is_reboot_lost=True)
    [problem] = problems(report, {})
    assert (problem.name, problem.found) == (
        "reboot-lost",
        "neither a cable nor Wi-Fi is connected",
    )
