"""The units of supervisord's configuration: one for each process of a [program:x]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.options import ProcessConfig, make_namespec

from hems.errors import ConfigError
from hems.supervision.directives import parse
from hems.supervision.ordering import check
from hems.supervision.spec import Restart, UnitSpec


@dataclass(frozen=True)
class Programs:
    """Every unit's specification by its name, and what is wrong with some of them.

    A unit with a fault has the specification of a program without directives.
    """

    specs: dict[str, UnitSpec]
    faults: dict[str, str]


def read(options: Any) -> Programs:
    """Read the programs of supervisord's ServerOptions as they were last read from the file."""
    bases: dict[str, UnitSpec] = {}
    specs: dict[str, UnitSpec] = {}
    faults: dict[str, str] = {}
    for group, config in _configs(options):
        name = unit_name(group, config)
        bases[name] = specs[name] = _base(name, config)
        try:
            specs[name] = parse(config.environment.get("UNIT", ""), bases[name])
        except ConfigError as error:
            faults[name] = str(error)
    for name in specs:
        try:
            check(name, specs)
        except ConfigError as error:
            faults.setdefault(name, str(error))
    return Programs({**specs, **{name: bases[name] for name in faults}}, faults)


def unit_name(group: Any, config: Any) -> str:
    """Return the name that supervisorctl takes too: `group:process` where the two differ."""
    return str(make_namespec(group.name, config.name))


def is_plain(config: Any) -> bool:
    """Tell a [program:x] from an event listener's or a FastCGI program's process."""
    return type(config) is ProcessConfig


def matching(environment: Mapping[str, str], patterns: Sequence[str]) -> dict[str, str]:
    """Return the variables whose names match one of `patterns`, where * is any text."""
    return {
        name: value
        for name, value in environment.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _configs(options: Any) -> Iterator[tuple[Any, Any]]:
    for group in options.process_group_configs:
        for config in group.process_configs:
            if is_plain(config):
                yield group, config


def _base(name: str, config: Any) -> UnitSpec:
    """Return what supervisord's own settings say."""
    restart = Restart.NO
    if config.autorestart is RestartUnconditionally:
        restart = Restart.ALWAYS
    elif config.autorestart is RestartWhenExitUnexpected:
        restart = Restart.ON_FAILURE
    return UnitSpec(
        name=name,
        is_autostarted=config.autostart,
        restart=restart,
        success_codes=frozenset(config.exitcodes),
        stop_timeout_s=config.stopwaitsecs,
        abort_timeout_s=config.stopwaitsecs,
    )
