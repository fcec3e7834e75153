"""Check that our rules are in every firewall, according to the metrics of iptables-init."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hems.doctor import supervisord_health
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Unavailable
from hems.protocols.gateway.unit_health_file import HealthReport

TITLE = "firewall"
CAUSES = ("units",)
UNIT = "iptables-init"
EXPECTED = "our rules in every chain"
INPUT = " filter/INPUT"
HOST_FIREWALL = "balena's firewall of the host is on (HOST_FIREWALL_MODE on or auto)"


class _ReportedFirewallMetrics(msgspec.Struct):
    """The part of hems/workers/iptables_init/firewall_metrics.py that this check needs."""

    mode: str
    is_permitted: bool
    slots: dict[str, bool]
    problems: dict[str, str]
    fights: list[str]
    is_host_firewall_on: bool = False


def check(context: CheckContext) -> list[Finding]:
    try:
        report = supervisord_health.health_report(context.settings)
    except Unavailable:
        return [failed("not known: no health report", EXPECTED, "see the check units")]
    return rules(report, context.commands)


def rules(report: HealthReport, commands: RepairCommands) -> list[Finding]:
    """Return whether our rules are in every chain, from the metrics in the health report."""
    if UNIT not in {unit.name for unit in report.units}:
        return [failed(f"supervisord has no unit {UNIT}", EXPECTED, commands.start_gateway)]
    metrics = report.metrics(UNIT, _ReportedFirewallMetrics)
    if metrics is None:
        again = "run the doctor again in a minute; see the check units"
        return [note(f"{UNIT} has not published its metrics yet", again)]
    if metrics.mode == "report":
        only_reports = note(f"{UNIT} only reports, as HEMS_IPTABLES_INIT_MODE says")
        return [only_reports, *_host_firewall(metrics)]
    faults = [failed(found, EXPECTED, advice) for found, advice in _faults(metrics, commands)]
    if faults:
        return [*faults, *_host_firewall(metrics)]
    if not metrics.slots:
        return [note("nothing to allow: no rules of a hotspot or of Docker")]
    return [ok(f"our rules are in {', '.join(metrics.slots)}"), *_host_firewall(metrics)]


def _host_firewall(metrics: _ReportedFirewallMetrics) -> list[Finding]:
    """Return what balena's firewall of the host means for the Linky, if it is on."""
    if not metrics.is_host_firewall_on:
        return []
    advice = "set the device's configuration BALENA_HOST_FIREWALL_MODE to off, unless you want it"
    inputs = [is_filled for name, is_filled in metrics.slots.items() if name.endswith(INPUT)]
    if inputs and all(inputs):
        return [note(f"{HOST_FIREWALL}; our rule lets nginx reach eesmart-d2l", advice)]
    found = f"{HOST_FIREWALL}: nginx cannot reach eesmart-d2l, so no Linky is read"
    return [failed(found, EXPECTED, advice)]


def _faults(
    metrics: _ReportedFirewallMetrics, commands: RepairCommands
) -> Iterator[tuple[str, str]]:
    """Yield each fault and the advice for it."""
    if not metrics.is_permitted:
        yield "CAP_NET_ADMIN is missing", "run the service hems with privileged: true"
    for name, problem in metrics.problems.items():
        yield f"{name}: {problem.splitlines()[0]}", f"repair {name} on the host"
    for name in metrics.fights:
        found = f"{name}: another program keeps changing our rules"
        yield found, "find and stop the program on the host that keeps setting rules"
    missing = [name for name, is_filled in metrics.slots.items() if not is_filled]
    if missing and not metrics.fights:
        yield (
            f"our rules are missing in {', '.join(missing)}",
            commands.supervisorctl("restart", UNIT),
        )
