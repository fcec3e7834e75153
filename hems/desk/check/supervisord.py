"""etc/supervisord.conf against the workers and what hems.supervision takes."""

from __future__ import annotations

import configparser
import difflib
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hems.builders import WORKERS
from hems.desk.check import compose, tree
from hems.errors import ConfigError
from hems.supervision import ordering
from hems.supervision.directives import parse
from hems.supervision.spec import Type, UnitSpec

FILE = "etc/supervisord.conf"
PROGRAM, PLUGIN = "program:", "rpcinterface:hems"
UNIT = re.compile(r'UNIT="([^"]*)"')
DEFAULT_STOP_S = "10"  # supervisord's default stopwaitsecs
# supervisor 4.3's documentation, "[program:x] Section Values"
_KEYS = """
    command process_name numprocs numprocs_start priority autostart startsecs startretries
    autorestart exitcodes stopsignal stopwaitsecs stopasgroup killasgroup user redirect_stderr
    stdout_logfile stdout_logfile_maxbytes stdout_logfile_backups stdout_capture_maxbytes
    stdout_events_enabled stdout_syslog stderr_logfile stderr_logfile_maxbytes
    stderr_logfile_backups stderr_capture_maxbytes stderr_events_enabled stderr_syslog
    environment directory umask serverurl
"""
KEYS = frozenset(_KEYS.split())
SWITCHES = frozenset({"autorestart", "autostart", "redirect_stderr"})
UNPRIVILEGED = ("eesmart-d2l", "telemetry")  # the first parses strangers' bytes
CONFIG_EXIT = ConfigError.exit_code


def problems(root: Path) -> Iterator[str]:
    """Yield each worker without its unit, and what is wrong with a unit."""
    programs = read(root)
    containers = compose.read(root).services  # wifi-connect has its own
    for missing in sorted(WORKERS.keys() - programs.keys() - containers.keys()):
        yield f"{FILE}: the worker {missing} has no [program:{missing}]"
    for name, settings in programs.items():
        yield from _program(name, settings)
    specs = {}
    for name, settings in programs.items():
        specs[name] = UnitSpec(name, stop_timeout_s=stop_s(name, settings))
        try:
            specs[name] = parse(_unit(settings), specs[name])
            yield from _directives(specs[name])
        except ConfigError as error:
            yield f"{FILE}: {error}"
    for name in specs:
        try:
            ordering.check(name, specs)
        except ConfigError as error:
            yield f"{FILE}: {error}"


def heartbeat(root: Path) -> str:
    """Return the path that supervisord touches, as it is written. Raises ConfigError."""
    return _parsed(root).get(PLUGIN, "heartbeat", fallback="")


def read(root: Path) -> dict[str, Mapping[str, str]]:
    """Return the settings of each program by its name. Raises ConfigError."""
    parser = _parsed(root)
    sections = (one for one in parser.sections() if one.startswith(PROGRAM))
    return {one.removeprefix(PROGRAM): parser[one] for one in sections}


def _parsed(root: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",), strict=True)
    try:
        parser.read_string(tree.text(root, FILE))
    except configparser.Error as error:
        raise ConfigError(f"{FILE}: {error}") from error
    return parser


def _program(name: str, settings: Mapping[str, str]) -> Iterator[str]:
    where = f"{FILE}: [program:{name}]"
    if name not in WORKERS:
        yield f"{where}: no such worker, expected one of {', '.join(sorted(WORKERS))}"
    if settings.get("command") != (expected := f"python -m hems {name}"):
        yield f"{where}: command: found {settings.get('command')!r}, expected {expected!r}"
    yield from _keys(where, settings)
    if name in UNPRIVILEGED and settings.get("user", "root") in {"root", "0"}:
        yield f"{where}: user: found root, expected an unprivileged one"
    for key in ("stopasgroup", "killasgroup"):
        if settings.get(key) != "true":
            yield f"{where}: {key}: found {settings.get(key)!r}, expected true: no child stays"


def _keys(where: str, settings: Mapping[str, str]) -> Iterator[str]:
    for key in settings.keys() - KEYS:
        near = "".join(
            f"; did you mean {one}?" for one in difflib.get_close_matches(key, KEYS, n=1)
        )
        yield f"{where}: {key}: supervisord ignores it{near}"
    for key in SWITCHES & settings.keys():
        if settings[key] not in {"true", "false"}:
            yield f"{where}: {key}: found {settings[key]!r}, expected true or false"


def stop_s(name: str, settings: Mapping[str, str]) -> float:
    """Return for how long supervisord waits for a program to stop. Raises ConfigError."""
    text = settings.get("stopwaitsecs", DEFAULT_STOP_S)
    if not text.isdecimal():
        where = f"{FILE}: [program:{name}]"
        raise ConfigError(f"{where}: stopwaitsecs: found {text!r}, expected seconds")
    return float(text)


def _unit(settings: Mapping[str, str]) -> str:
    found = UNIT.search(settings.get("environment", ""))
    return found[1] if found else ""


def _directives(spec: UnitSpec) -> Iterator[str]:
    where = f"{FILE}: [program:{spec.name}]: UNIT"
    if CONFIG_EXIT not in spec.prevent_codes:
        yield f"{where}: RestartPreventExitStatus lacks {CONFIG_EXIT}: a bad setting would loop"
    if spec.type is Type.ONESHOT:
        return
    if spec.type is not Type.NOTIFY:
        yield f"{where}: Type: found {spec.type.value}, expected notify: workers say when ready"
    if spec.watchdog_s == math.inf:
        yield f"{where}: WatchdogSec is missing: a worker that hangs would stay"
    if spec.start_timeout_s == math.inf:
        yield f"{where}: TimeoutStartSec: found infinity: a start that hangs would stay"
