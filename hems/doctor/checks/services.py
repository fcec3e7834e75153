"""Check that every service of docker-compose.yml answers the probe of the settings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hems.clients.internet import reachability_probes
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.check_runner import GatewayCheck, run_checks
from hems.doctor.repair_commands import RepairCommands
from hems.errors import HemsError
from hems.settings.address_validation import url_address

TITLE = "services"
CAUSES = ("balena_and_containers",)
TIMEOUT_S = 3.0
LIMIT_S = 10.0  # with the resolver's time


def check(context: CheckContext) -> list[Finding]:
    """Probe all services at once: several that hang take no longer than one."""
    commands = context.commands
    probes = [
        GatewayCheck(name, partial(probe, name, service.probe, commands))
        for name, service in context.settings.services.items()
    ]
    results = run_checks(probes, LIMIT_S, commands.start_gateway)
    return [
        replace(finding, found=f"{name}: {finding.found}")
        for name, findings in results.items()
        for finding in findings
    ]


def probe(name: str, url: str, commands: RepairCommands) -> list[Finding]:
    """Send a request to `url` (http:// or tcp://), as the watchdog does; empty: not probed."""
    if not url:
        return [note("not probed: its probe in the settings is empty")]
    endpoint = url_address(url, "tcp")
    try:
        if endpoint is None:
            reachability_probes.reach_http(url, TIMEOUT_S)
        else:
            reachability_probes.reach_tcp(*endpoint, TIMEOUT_S)
    except HemsError as error:
        log = f"read its log: {commands.service_log(name)}"
        return [failed(str(error), "an answer", f"{log}; then {commands.restart_service(name)}")]
    return [ok(f"{url} answers")]
