"""Check that supervisord reports the health of its units, and that all are healthy.

The check problems has what is wrong for so long that it is in the gateway's list of problems.
"""

from __future__ import annotations

from hems.doctor import supervisord_health
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Unavailable
from hems.protocols.gateway.unit_health_file import HealthReport, UnitHealth
from hems.supervision.units.unit_phase import HealthState

TITLE = "units"
CAUSES = ("settings",)


def check(context: CheckContext) -> list[Finding]:
    try:
        report = supervisord_health.health_report(context.settings)
    except Unavailable as error:
        advice = context.commands.start_gateway
        return [failed(str(error), "a health report of the last seconds", advice)]
    return unhealthy(report, context.settings.logs.directory, context.commands)


def unhealthy(report: HealthReport, logs: str, commands: RepairCommands) -> list[Finding]:
    """Return a finding for each unit that is not well, or one for all."""
    findings = [finding for unit in report.units for finding in _unit(unit, logs, commands)]
    return findings or [ok(f"all {len(report.units)} are healthy")]


def _unit(unit: UnitHealth, logs: str, commands: RepairCommands) -> list[Finding]:
    log = f"read its log: tail {logs}/{unit.name}.log"
    if any(problem.subject == unit.name for problem in unit.problems):
        return [note(f"{unit.name} is {unit.state.value}: see the check problems")]
    if not unit.is_healthy:
        reason = unit.reason or unit.restart_reason
        state = "restarts" if unit.state is HealthState.AUTO_RESTART else f"is {unit.state.value}"
        return [failed(f"{unit.name} {state}: {reason}", "active", log)]
    if unit.state is HealthState.INACTIVE:
        return [note(f"{unit.name} is stopped", commands.supervisorctl("start", unit.name))]
    if unit.restarts:
        times = f"{unit.restarts} time{'s' if unit.restarts > 1 else ''}"
        return [note(f"{unit.name} was restarted {times}: {unit.restart_reason}", log)]
    return []
