"""The programs and units in configuration files, and the section that each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from supervisor.options import ServerOptions, make_namespec

from hems.supervision.configuration import unit_sections_without_secrets
from hems.supervision.settings import directive_parser
from hems.supervision.supervisord import configuration_files, configured_units, supervisord_keys
from hems.supervision.supervisord.configuration_files import ConfigurationFiles
from hems.supervision.supervisord.configured_units import ConfiguredUnits


class ConfiguredPrograms(ServerOptions):  # type: ignore[misc]  # supervisor has no types
    """supervisord's reader of configuration files, which goes on after a mistake.

    `sections` names the section of each unit. `faults` are pairs of a section and what is wrong.
    """

    def __init__(self, files: ConfigurationFiles) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self.faults: list[tuple[str, str]] = []
        self.configfile, self.here = str(files.file), files.here
        self.environ_expansions = files.parser.expansions
        try:
            self.process_group_configs = self.process_groups_from_parser(files.parser)
        except ValueError as error:
            self.faults.append(("", str(error)))
        for group in self.process_group_configs:
            for config in group.process_configs:
                config.environment = {**files.shared, **config.environment}
        self.units: ConfiguredUnits = configured_units.read(self)

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Yield a section and what supervisord would warn of, such as what is deprecated."""
        for text in self.parse_warnings:
            section = text.partition("[")[2].partition("]")[0]
            yield section, str(text).replace(f"For [{section}],", f"[{section}]", 1)

    def unit_faults(self) -> Iterator[tuple[str, str]]:
        """Yield each unit with a mistake and the mistake; several for several directives."""
        for name, text, base in configured_units.directives(self):
            mistakes = directive_parser.mistakes(text, base)
            if not mistakes and name in self.units.faults:
                mistakes = [self.units.faults[name]]
            for mistake in mistakes:
                yield name, mistake

    def _processes_from_section(
        self, parser: Any, section: str, group_name: str, klass: Any = None
    ) -> list[Any]:
        try:
            configs: list[Any] = super()._processes_from_section(parser, section, group_name, klass)
        except ValueError as error:
            self.faults.append((section, f"[{section}] {error}"))
            return []
        for config in configs:
            self.sections[make_namespec(group_name, config.name)] = section
        return configs


class WrittenUnits:
    """`sections` names the section of each unit. Raises InvalidConfiguration.

    `variables` are those of supervisord's environment.
    """

    def __init__(self, file: Path, variables: Mapping[str, str]) -> None:
        self._files = configuration_files.load(file, variables)
        self.sections = ConfiguredPrograms(self._files).sections

    def text(self, name: str) -> str:
        """Return the section of a unit without secrets."""
        section = self.sections[name]
        environment = self._files.parser.get(section, "environment", fallback="")
        variables = supervisord_keys.variables(environment)
        return unit_sections_without_secrets.as_written(section, self._files.places, variables)
