"""Check that the gateway's list of problems is empty."""

from __future__ import annotations

from hems.doctor import supervisord_health
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import Unavailable
from hems.protocols.gateway.unit_health_file import HealthReport

TITLE = "problems"
CAUSES = ("units", "volumes")
AGAIN = "run the doctor again in a minute; see the check units"


def check(context: CheckContext) -> list[Finding]:
    try:
        report = supervisord_health.health_report(context.settings)
    except Unavailable:
        return [note("not known: no health report", AGAIN)]
    return listed(report)


def listed(report: HealthReport) -> list[Finding]:
    """Return a failure for each problem of the list, the oldest first."""
    findings = [
        failed(
            f"{problem.title}: {problem.found} (since {problem.since})",
            "no problem",
            f"{problem.what_to_do} ({problem.who})",
        )
        for problem in report.problems
    ]
    return findings or [ok("none")]
