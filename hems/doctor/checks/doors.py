"""Check that the open ports of the gateway are those that its settings open, a line for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path

from hems.clients.internet import reachability_probes
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Unavailable
from hems.peer_clients import NGINX, nginx_host
from hems.settings import doors
from hems.settings.doors import DOORS, HOST_PORTS, SETTING, Door
from hems.system import files
from hems.system.network.listening_ports import listening_ports

TITLE = "doors"
CAUSES = ("services", "volumes")
TIMEOUT_S = 2.0


def check(context: CheckContext) -> list[Finding]:
    host = nginx_host(context.settings)
    if not host:
        return [note("this gateway has no nginx")]
    directory = Path(context.settings.provision.gateway_directory)
    declared = set(doors.opened((files.content(directory / doors.FILE) or b"").decode()))
    findings = [
        finding(door, _answer(host, door.port), context.commands, is_declared=door.port in declared)
        for door in DOORS
    ]
    return [*findings, *others(listening_ports(), context.settings.iptables_init.docker_subnet)]


def finding(door: Door, answer: str, commands: RepairCommands, *, is_declared: bool) -> Finding:
    """Return whether a door is as it should be; `answer` is why it is closed, empty if open."""
    name = f"{door.port} ({door.what})"
    should_be_open = is_declared or not door.opened_by
    restart = commands.restart_service(NGINX)
    if should_be_open and answer:
        return failed(f"{name}: {answer}", "open", restart)
    if not should_be_open and not answer:
        return failed(f"{name}: open, but no setting opens it", "closed", restart)
    if should_be_open:
        return ok(f"{name}: open{f', by {door.opened_by}' if door.opened_by else ''}")
    return ok(f"{name}: closed")


def others(listeners: Iterable[tuple[str, int]], bridge: str) -> Iterator[Finding]:
    """Yield a note for each listener of the host that is no door, other than on the bridge."""
    known = {door.port for door in DOORS}
    inside = ip_network(bridge)
    ports: dict[int, list[str]] = {}
    for address, port in listeners:
        parsed = ip_address(address)
        if port not in known and not (isinstance(parsed, IPv4Address) and parsed in inside):
            ports.setdefault(port, []).append(address)
    for port, addresses in sorted(ports.items()):
        what = HOST_PORTS.get(port, f"no door of this gateway: {SETTING} does not close it")
        yield note(f"{port} on {', '.join(sorted(addresses))}: {what}")


def _answer(host: str, port: int) -> str:
    try:
        reachability_probes.reach_tcp(host, port, TIMEOUT_S)
    except Unavailable as error:
        return str(error)
    return ""
