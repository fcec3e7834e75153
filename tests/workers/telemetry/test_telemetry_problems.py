import json

import pytest

from hems.protocols.gateway.unit_health_file import HealthReport, decode
from hems.workers.telemetry.state_sources import WATCHDOG
from hems.workers.telemetry.telemetry_problems import problems
from tests.fakes.telemetry import row

STALE = {WATCHDOG: "the watchdog's report is older than 180 s"}


def report(**changes: object) -> HealthReport:
    units = [row("led"), row("watchdog", **changes)]
    return decode(json.dumps({"written_at": 1.0, "units": units}).encode())


def test_a_watchdog_that_runs_but_does_not_report_is_a_problem() -> None:
    [problem] = problems(report(), STALE, is_undervolted=False)
    assert (problem.name, problem.subject) == ("report-stale", "watchdog")
    assert problem.found == "the watchdog's report is older than 180 s"


def test_a_watchdog_that_reports_is_none() -> None:
    assert not list(problems(report(), {"memory": "no file"}, is_undervolted=False))


@pytest.mark.parametrize("state", ["failed", "inactive", "auto-restart", "activating"])
def test_a_watchdog_that_does_not_run_is_supervisions_problem(state: str) -> None:
    assert not list(problems(report(state=state), STALE, is_undervolted=False))


def test_without_the_health_of_the_units_it_is_not_known() -> None:
    [problem] = problems(None, STALE, is_undervolted=False)
    assert problem.found is None


def test_a_weak_power_supply_is_a_problem() -> None:
    [problem] = problems(report(), {}, is_undervolted=True)
    assert (problem.name, problem.found) == ("undervoltage", "the voltage fell below 4.63 V")


def test_a_voltage_that_cannot_be_read_is_not_known() -> None:
    [problem] = problems(report(), {}, is_undervolted=None)
    assert (problem.name, problem.found) == ("undervoltage", None)
