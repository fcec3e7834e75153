"""Check the programs of etc/supervisord.conf: one unit for each worker, with valid directives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from dev.check import default_settings, dockerfile, supervisord_conf
from dev.check.supervisord_conf import FILE
from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.capability_names import NUMBERS
from hems.supervision.settings.process_settings import PrivilegeSettings
from hems.supervision.settings.unit_spec import UnitSpec, UnitType
from hems.worker_table import TABLE, WORKERS

TITLE = "supervisord: every worker has a valid unit"
DOCKERFILE = "Dockerfile"
LISTENING = "eesmart-d2l"
REVEALING = ("CAP_SYS_ADMIN", "CAP_SYS_PTRACE")  # they read other processes' memory
ROOT = {
    "provision": "it gives each file to the service that reads it",
    "iptables-init": "only root may take legacy iptables' lock and read the list of its tables",
    "led": "root owns the GPIO chips and Home Assistant's log",
}
READ_ONLY = ("/proc/sys", "/sys")  # root of a privileged container could change the host there
# What root could read there belongs to other units.
CREDENTIALS = ("/run/hems/secrets", "/run/hems/credentials", "/gateway", "/data")
ALL_SECRETS = "provision"  # which makes them, and holds those of the others
CONTAINER = "hems"  # the service that runs supervisord
CONFIG_EXIT = InvalidConfiguration.exit_code


def problems(root: Path) -> Iterator[str]:
    """Yield each worker without a unit, and each mistake in a unit."""
    programs = supervisord_conf.programs(root)
    expected = {entry.name for entry in TABLE if entry.container == CONTAINER}
    for missing in sorted(expected - programs.keys()):
        yield f"{FILE}: the worker {missing} has no [program:{missing}]"
    variables = dockerfile.environment(dockerfile.read(root, DOCKERFILE))
    for name, settings in programs.items():
        yield from _program(name, settings)
    yield from _users(programs, variables)
    check = supervisord_conf.check(root, variables)
    for fault in check.faults():
        yield str(fault).replace(f"{root}/", "")
    for spec in check.specs.values():
        if spec.name not in check.broken:
            yield from _directives(spec)
            if spec.name == LISTENING:
                yield from _address(root, spec)


def _address(root: Path, spec: UnitSpec) -> Iterator[str]:
    """Yield why dongles would be refused while the worker restarts."""
    d2l = default_settings.read(root).eesmart_d2l
    if (expected := f"ListenStream={d2l.host}:{d2l.port}") not in map(str, spec.sockets.listen):
        addresses = ", ".join(map(str, spec.sockets.listen)) or "none"
        where = f"{FILE}: [program:{LISTENING}]: UNIT"
        yield f"{where}: ListenStream: found {addresses}, expected {expected}, as in etc/hems.toml"


def _program(name: str, settings: Mapping[str, str]) -> Iterator[str]:
    where = f"{FILE}: [program:{name}]"
    if name not in WORKERS:
        yield f"{where}: no such worker, expected one of {', '.join(sorted(WORKERS))}"
    if settings.get("command") != (expected := f"python -m hems {name}"):
        yield f"{where}: command: found {settings.get('command')!r}, expected {expected!r}"


def _users(
    programs: Mapping[str, Mapping[str, str]], variables: Mapping[str, str]
) -> Iterator[str]:
    """Yield each program that is root without a reason, or the same user as another."""
    owners: dict[str, str] = {}
    for name, settings in programs.items():
        where = f"{FILE}: [program:{name}]: user"
        text = settings.get("user", "root")
        user = supervisord_conf.VARIABLE.sub(lambda one: variables.get(one[1], one[0]), text)
        if user in {"root", "0"}:
            if name not in ROOT:
                yield f"{where}: found root, expected an unprivileged user of its own"
        elif name in ROOT:
            yield f"{where}: found {user}, expected root: {ROOT[name]}"
        elif (other := owners.setdefault(user, name)) != name:
            yield f"{where}: found {user}, who could read the memory and secrets of {other}"


def _root(where: str, spec: UnitSpec) -> Iterator[str]:
    """Yield what root may change on the host, or read that belongs to another unit."""
    mounts = spec.process.mounts
    read_only = {entry.path for entries in mounts.read_only for entry in entries}
    hidden = {entry.path for entries in mounts.inaccessible for entry in entries}
    for path in READ_ONLY:
        if path not in read_only:
            yield f"{where}: ReadOnlyPaths lacks {path}: it is root of a privileged container"
    for path in CREDENTIALS if spec.name != ALL_SECRETS else ():
        if path not in hidden:
            yield f"{where}: InaccessiblePaths lacks {path}: root could read others' secrets"


def _rights(where: str, privileges: PrivilegeSettings) -> Iterator[str]:
    if not privileges.no_new_privileges:
        yield f"{where}: NoNewPrivileges=yes is missing: no worker has to gain a right"
    bounding = privileges.bounding_set
    if bounding is None:
        yield f"{where}: CapabilityBoundingSet is missing: name the capabilities that it needs"
    for name in REVEALING:
        if bounding and NUMBERS[name] in bounding:
            yield f"{where}: CapabilityBoundingSet: {name} would reveal the secrets of others"


def _directives(spec: UnitSpec) -> Iterator[str]:
    where = f"{FILE}: [program:{spec.name}]: UNIT"
    if CONFIG_EXIT not in spec.prevent_codes:
        why = "a wrong setting would cause endless restarts"
        yield f"{where}: RestartPreventExitStatus lacks {CONFIG_EXIT}: {why}"
    yield from _rights(where, spec.process.privileges)
    if spec.name in ROOT:
        yield from _root(where, spec)
    if spec.type is UnitType.ONESHOT:
        return
    if spec.type is not UnitType.NOTIFY:
        yield f"{where}: Type: found {spec.type.value}, expected notify: workers report readiness"
    if spec.watchdog_s == math.inf:
        yield f"{where}: WatchdogSec is missing: nothing would end a worker that hangs"
    if spec.start_timeout_s == math.inf:
        yield f"{where}: TimeoutStartSec: found infinity: nothing would end a start that hangs"
