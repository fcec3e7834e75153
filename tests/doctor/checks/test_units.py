import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import units
from hems.doctor.repair_commands import RepairCommands
from hems.supervision.health.health_row import HealthRow
from tests.doctor.checks.health_report import ROW, report, unit
from tests.supervision.health.test_health_table import PROBLEM

COMMANDS = RepairCommands()


def test_healthy_units_are_one_line() -> None:
    (finding,) = units.unhealthy(report(ROW, unit(name="watchdog")), "/log", COMMANDS)
    assert (finding.severity, finding.found) == (Severity.OK, "all 2 are healthy")


@pytest.mark.parametrize(
    ("row", "severity", "words"),
    [
        (unit(state="failed", is_healthy=False, reason="78"), Severity.FAILED, "led is failed: 78"),
        (
            unit(state="auto-restart", is_healthy=False, restart_reason="SIGSEGV"),
            Severity.FAILED,
            "led restarts: SIGSEGV",
        ),
        (
            unit(state="failed", is_healthy=False, problems=(PROBLEM._replace(subject="led"),)),
            Severity.NOTE,
            "led is failed: see the check problems",
        ),
        (unit(state="inactive"), Severity.NOTE, "led is stopped"),
        (unit(restarts=1, restart_reason="hung"), Severity.NOTE, "led was restarted 1 time: hung"),
    ],
)
def test_an_unhealthy_unit_is_named(row: HealthRow, severity: Severity, words: str) -> None:
    (finding,) = units.unhealthy(report(ROW, row), "/log", COMMANDS)
    assert (finding.severity, finding.found) == (severity, words)
