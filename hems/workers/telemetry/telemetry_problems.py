"""The problems that telemetry reports: a weak power supply, and a worker that is silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hems.protocols.gateway.entity_states import WATCHDOG as WATCHDOG_UNIT
from hems.protocols.gateway.problem_kinds import REPORT_STALE, UNDERVOLTAGE
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.telemetry.state_sources import WATCHDOG


def problems(
    report: HealthReport | None, unread: Mapping[str, str], *, is_undervolted: bool | None
) -> Iterator[ReportedProblem]:
    """Yield the problems. A watchdog that does not run is a problem that supervision reports."""
    if is_undervolted is None:
        yield UNDERVOLTAGE.unknown()
    elif is_undervolted:
        yield UNDERVOLTAGE.found("the voltage fell below 4.63 V")
    if report is None:
        yield REPORT_STALE.unknown(WATCHDOG_UNIT)
    elif WATCHDOG in unread and report.is_active(WATCHDOG_UNIT):
        yield REPORT_STALE.found(unread[WATCHDOG], WATCHDOG_UNIT)
