"""The hems container gives supervisord what etc/supervisord.conf counts on.

Its variables and users come from the Dockerfile; the time to stop everything, one program
after the other, from docker-compose.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hems.desk.check import compose, dockerfile, supervisord, tree
from hems.desk.check.compose import Service
from hems.errors import ConfigError
from hems.workers.provision.layout import WORKERS

SERVICE = "hems"
VARIABLE = re.compile(r"%\(ENV_(\w+)\)s")
GROUP = re.compile(r"groupadd --gid (\d+) (\S+)")
IN_GROUP = re.compile(r"useradd .*?--gid (\S+) [^&;]*?(\S+)\s*(?:&&|;|$)")
RUN_DIR = "HEMS_RUN_DIR"
ADDED = re.compile(r"\buseradd\b[^&;]*?(\S+)\s*(?:&&|;|$)")


def problems(root: Path) -> Iterator[str]:
    """Yield each thing that supervisord would miss in its container."""
    service = compose.read(root).services.get(SERVICE)
    if service is None or service.source is None:
        raise ConfigError(f"{compose.FILE}: no service {SERVICE} that is built here")
    path = dockerfile.path_of(service.source)
    instructions = dockerfile.read(root, path)
    programs = supervisord.read(root)
    yield from _stop(service, programs)
    given = dockerfile.environment(instructions)
    for variable in sorted(set(VARIABLE.findall(tree.text(root, supervisord.FILE)))):
        if variable not in given:
            yield f"{path}: no ENV {variable}, which {supervisord.FILE} takes its value from"
    run_dir = given.get(RUN_DIR, "")
    if run_dir and run_dir not in service.tmpfs:
        yield f"{path}: ENV {RUN_DIR}: found {run_dir}, {compose.FILE} has no such tmpfs"
    yield from _groups(path, " && ".join(one.rest for one in instructions if one.name == "RUN"))
    users = {user for one in instructions if one.name == "RUN" for user in ADDED.findall(one.rest)}
    for user, names in _users(programs, given).items():
        if user and user not in {*users, "root"}:
            whose = f"the user of {supervisord.FILE}'s {', '.join(names)}"
            yield f"{path}: no useradd {user}, {whose}"


def _users(
    programs: Mapping[str, Mapping[str, str]], given: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the programs of each user; of no name, where a variable is missing."""
    found: dict[str, list[str]] = {}
    for name, settings in programs.items():
        user = VARIABLE.sub(lambda one: given.get(one[1], ""), settings.get("user", "root"))
        found.setdefault(user, []).append(name)
    return found


def _groups(path: str, commands: str) -> Iterator[str]:
    """Yield why the unprivileged workers could not read what provision makes for them."""
    made = {name: gid for gid, name in GROUP.findall(commands)}
    for group, user in IN_GROUP.findall(commands):
        if group not in made:
            yield f"{path}: useradd {user}: no groupadd {group}"
        elif made[group] != str(WORKERS):
            yield f"{path}: groupadd {group}: found {made[group]}, expected provision's {WORKERS}"


def _stop(service: Service, programs: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    needed_s = sum(supervisord.stop_s(*program) for program in programs.items())
    grace = service.stop_grace_period
    if compose.seconds(grace) <= needed_s:
        yield (
            f"{compose.FILE}: {SERVICE}: stop_grace_period: found {grace}, expected more than "
            f"{needed_s:g}s, the sum of stopwaitsecs in {supervisord.FILE}"
        )
