from hems.doctor.check_interface import Severity
from hems.doctor.checks.problems import listed
from tests.doctor.checks.health_report import ROW, report, unit
from tests.supervision.health.test_health_table import PROBLEM


def test_an_empty_list_is_fine() -> None:
    [finding] = listed(report(ROW))
    assert (finding.severity, finding.found) == (Severity.OK, "none")


def test_each_problem_of_the_list_is_a_failure_with_its_advice() -> None:
    [finding] = listed(report(ROW, unit(problems=(PROBLEM,))))
    assert finding.severity is Severity.FAILED
    assert finding.found == (
        "0123 is silent: no frame since 08:00 (since 2027-01-15T08:00:00+00:00)"
    )
    assert finding.advice == "look at it (family)"
