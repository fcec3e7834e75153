"""Read the units from supervisord's configuration: one for each process of a [program:x]."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.options import ProcessConfig, make_namespec

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.directive_parser import parse, whole
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec
from hems.supervision.units.dependency_validation import check, with_before


class ConfiguredUnits(NamedTuple):
    """The settings of every unit by its name, and the faults of some of them.

    A unit with a fault has the settings of a program without directives. `source` is supervisord's
    list of groups, which `supervisorctl reread` replaces.
    """

    specs: dict[str, UnitSpec]
    faults: dict[str, str]
    source: object = None

    def reread(self, options: Any) -> ConfiguredUnits:
        """Return these units, or read them again if supervisord has read its file again."""
        return self if self.source is options.process_group_configs else read(options)


def read(options: Any) -> ConfiguredUnits:
    """Return the units of supervisord's ServerOptions, as it last read them from its file."""
    bases: dict[str, UnitSpec] = {}
    specs: dict[str, UnitSpec] = {}
    faults: dict[str, str] = {}
    for name, text, base in directives(options):
        bases[name] = specs[name] = base
        try:
            specs[name] = parse(text, base)
        except InvalidConfiguration as error:
            faults[name] = str(error)
    ordered = with_before(specs)
    for name in specs:
        try:
            check(name, ordered)
        except InvalidConfiguration as error:
            faults.setdefault(name, str(error))
    ordered |= {name: bases[name] for name in faults}
    return ConfiguredUnits(ordered, faults, options.process_group_configs)


def directives(options: Any) -> Iterator[tuple[str, str, UnitSpec]]:
    """Yield each unit's name, the text of its directives, and its settings without them."""
    for group, config in _configs(options):
        name = unit_name(group, config)
        yield name, _directives(config), _base(name, config)


def unit_name(group: Any, config: Any) -> str:
    """Return the name that supervisorctl uses: `group:process` where the two differ."""
    return str(make_namespec(group.name, config.name))


def is_plain(config: Any) -> bool:
    """Return whether it is a [program:x], not an event listener or a FastCGI program."""
    return type(config) is ProcessConfig


def _configs(options: Any) -> Iterator[tuple[Any, Any]]:
    for group in options.process_group_configs:
        for config in group.process_configs:
            if is_plain(config):
                yield group, config


def _directives(config: Any) -> str:
    return whole(str(config.environment.get("UNIT", "")))


def _base(name: str, config: Any) -> UnitSpec:
    """Return the settings that follow from supervisord's own."""
    restart = RestartCondition.NO
    if config.autorestart is RestartUnconditionally:
        restart = RestartCondition.ALWAYS
    elif config.autorestart is RestartWhenExitUnexpected:
        restart = RestartCondition.ON_FAILURE
    return UnitSpec(
        name=name,
        is_autostarted=config.autostart,
        restart=restart,
        success_codes=frozenset(config.exitcodes),
        stop_timeout_s=config.stopwaitsecs,
        abort_timeout_s=config.stopwaitsecs,
    )
