"""Check that the hems container provides what etc/supervisord.conf needs.

Variables and users come from the Dockerfile, the time to stop all programs from docker-compose.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dev.check import compose_file, dockerfile, read_source_files, supervisord_conf
from dev.check.compose_file import Service
from hems.errors import ConfigError
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units.dependency_validation import awaited
from hems.workers.provision.gateway_file_paths import TELEMETRY, WORKERS

TITLE = "supervisord: the container has its variables, users and stop time"
SERVICE = "hems"
GROUP = re.compile(r"groupadd --gid (\d+) (\S+)")
IN_GROUP = re.compile(r"useradd .*?--gid (\S+) [^&;]*?(\S+)\s*(?:&&|;|$)")
NUMBERS = {
    "hems": WORKERS,
    "telemetry": TELEMETRY,
}  # of the groups for which provision writes files
RUN_DIR = "HEMS_RUN_DIR"
ADDED = re.compile(r"\buseradd\b[^&;]*?(\S+)\s*(?:&&|;|$)")


def problems(root: Path) -> Iterator[str]:
    """Yield each variable, user or group that is missing, and a stop time that is too short."""
    service = compose_file.read(root).services.get(SERVICE)
    if service is None or service.source is None:
        raise ConfigError(f"{compose_file.FILE}: no service {SERVICE} that is built here")
    path = dockerfile.path_of(service.source)
    instructions = dockerfile.read(root, path)
    commands = [line.rest for line in instructions if line.name == "RUN"]
    programs = supervisord_conf.programs(root)
    variables = dockerfile.environment(instructions)
    yield from _stop(service, root, variables)
    for name in sorted(
        set(supervisord_conf.VARIABLE.findall(read_source_files.text(root, supervisord_conf.FILE)))
    ):
        if name not in variables:
            yield f"{path}: no ENV {name}, which {supervisord_conf.FILE} uses"
    run_dir = variables.get(RUN_DIR, "")
    if run_dir and run_dir not in service.tmpfs:
        yield f"{path}: ENV {RUN_DIR}: found {run_dir}, {compose_file.FILE} has no such tmpfs"
    yield from _groups(path, " && ".join(commands))
    added = {user for command in commands for user in ADDED.findall(command)}
    for user, names in _users(programs, variables).items():
        if user and user not in {*added, "root"}:
            whose = f"the user of {', '.join(names)} in {supervisord_conf.FILE}"
            yield f"{path}: no useradd {user}, {whose}"


def _users(
    programs: Mapping[str, Mapping[str, str]], variables: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the programs of each user; the user is empty if a variable is missing."""
    users: dict[str, list[str]] = {}
    for name, settings in programs.items():
        text = settings.get("user", "root")
        user = supervisord_conf.VARIABLE.sub(lambda variable: variables.get(variable[1], ""), text)
        users.setdefault(user, []).append(name)
    return users


def _groups(path: str, commands: str) -> Iterator[str]:
    """Yield why unprivileged workers could not read the files that provision writes for them."""
    added = {name: gid for gid, name in GROUP.findall(commands)}
    for group, user in IN_GROUP.findall(commands):
        if group not in added:
            yield f"{path}: useradd {user}: no groupadd {group}"
        elif added[group] != str(number := NUMBERS.get(group)):
            yield f"{path}: groupadd {group}: found {added[group]}, expected provision's {number}"


def _stop(service: Service, root: Path, variables: Mapping[str, str]) -> Iterator[str]:
    needed_s, chain = slowest_chain(supervisord_conf.units(root, variables))
    grace = service.stop_grace_period
    if compose_file.seconds(grace) <= needed_s:
        yield (
            f"{compose_file.FILE}: {SERVICE}: stop_grace_period: found {grace}, expected more than "
            f"{needed_s:g}s, in which {', then '.join(chain)} may stop in {supervisord_conf.FILE}"
        )


def slowest_chain(specs: Mapping[str, UnitSpec]) -> tuple[float, list[str]]:
    """Return how long all units may take to stop (s), and those that stop one after the other.

    A unit stops after those that come after it. A cycle of units is another check's problem.
    """

    def from_(name: str, path: tuple[str, ...]) -> tuple[float, list[str]]:
        own = specs[name].stop_timeout_s
        rest = [
            from_(other, (*path, name))
            for other in awaited(specs[name])
            if other in specs and other not in (*path, name)
        ]
        following_s, following = max(rest, default=(0.0, []))
        return own + following_s, [name, *following]

    return max((from_(name, ()) for name in specs), default=(0.0, []))
