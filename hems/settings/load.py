"""Read hems.toml and the environment into Settings, and list every mistake in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from hems.errors import ConfigError
from hems.settings import SECTIONS, Settings, read_secrets
from hems.settings.https_redirect import are_pages_on_http
from hems.settings.optional_doors import open_ports
from hems.settings.section import Section
from hems.settings.toml_file import document, file_content
from hems.settings.validation_problems import (
    FILE,
    UNKNOWN,
    SettingsProblem,
    one_of,
    printable,
    refuse,
    shown,
    suggestion,
)
from hems.settings.value_conversion import converted
from hems.settings.watchdog import DEFAULT_SERVICES, ServiceSettings

STRUCTS: tuple[type[Section], ...] = (*SECTIONS.values(), ServiceSettings)
TYPES = {
    struct: {
        name: kind
        for name, kind in get_type_hints(struct, include_extras=True).items()
        if name in struct.__struct_fields__
    }
    for struct in STRUCTS
}
SERVICES = "services"  # the part of a mistake in any service
SERVICE = f"{SERVICES}."  # the section of the service mqtt is services.mqtt
DEFAULT_CONFIG = "/etc/hems/hems.toml"
PROBE = "http://172.18.4.9:80/health"
PREFIX = "HEMS_"
# Read by __main__ and etc/supervisord.conf.
NOT_SETTINGS = {"HEMS_CONFIG", "HEMS_DATA_DIR", "HEMS_RUN_DIR"}


def config_path(environ: Mapping[str, str]) -> Path:
    """Return the path of hems.toml: the value of HEMS_CONFIG, or the usual path."""
    return Path(environ.get("HEMS_CONFIG", DEFAULT_CONFIG))


def warm_up(path: Path) -> None:
    """Read the settings of the file once, for the processes that are forked from this one.

    They share what is kept: the values of the file, and what msgspec and re make for them. It
    costs each process that makes it itself 2 MB.
    """
    reader = _reader_of(path)
    sections = {name: reader.section(name) for name in SECTIONS}
    msgspec.convert(sections | {SERVICES: reader.services()}, Settings)


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings in `path` with the environment's overrides and secrets.

    Raises ConfigError that lists every problem, one on each line, and shows no secret.
    """
    settings = read(path, environ)
    refuse(settings.problems)
    return settings


def read(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings as `load` does, with every problem with them.

    The file's value replaces a variable's wrong one, and the default the file's. A wrong secret
    counts as not set.
    """
    reader = _reader_of(path)
    reader.read_environment(environ)
    sections = {name: reader.section(name) for name in SECTIONS}
    settings = msgspec.convert(sections | {SERVICES: reader.services()}, Settings)
    known = read_secrets.read(environ, reader.problems, settings.provision.secrets_directory)
    on_http = are_pages_on_http(environ, reader.problems)
    ports = open_ports(environ, reader.problems)
    return msgspec.structs.replace(
        settings,
        secrets=known,
        open_ports=ports,
        are_pages_on_http=on_http,
        problems=tuple(reader.problems),
    )


def _reader_of(path: Path) -> _Reader:
    """Return a reader that has read the file, which is the caller's to change."""
    try:
        return _kept_reader_of(path, file_content(path)).copy()
    except ConfigError as error:
        reader = _Reader()
        reader.problem(FILE, str(error))
        return reader


@lru_cache(maxsize=1)
def _kept_reader_of(path: Path, content: bytes) -> _Reader:
    """Return the reader of a file; a forked worker has the one that was made before the fork.

    Raises ConfigError if the content is not TOML.
    """
    reader = _Reader()
    reader.read_document(document(path, content), path)
    return reader


class _Reader:
    """Collects the values of each section from the file and the environment, and `problems`."""

    def __init__(self) -> None:
        self.problems: list[SettingsProblem] = []
        self._structs = dict(SECTIONS)
        self.values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        for name, service in DEFAULT_SERVICES.items():
            self._structs[SERVICE + name] = ServiceSettings
            self.values[SERVICE + name] = msgspec.structs.asdict(service)
        self._of_file: dict[str, dict[str, Any]] = {}
        self._variables = self._known_variables()

    def copy(self) -> _Reader:
        """Return a reader that goes on from here; what it reads changes nothing in this one."""
        twin = copy(self)
        twin.problems = list(self.problems)
        twin.values = dict(self.values)  # the values of a section are replaced, not changed
        return twin

    def read_document(self, content: Mapping[str, Any], path: Path) -> None:
        for section, table in _tables(content):
            if section.startswith(SERVICE) and section not in self._structs:
                self._structs[section] = ServiceSettings
                self.values[section] = {}
            if section not in self._structs:
                hint = suggestion(section, self._structs) or f"expected {one_of(self._structs)}"
                self.problem(UNKNOWN, f"{path}: [{section}]: unknown section; {hint}")
            elif not isinstance(table, dict):
                text = f"found a value, expected a table [{section}]"
                self.problem(section, f"{path}: {section}: {text}")
            else:
                for name, value in table.items():
                    self._read_value(section, name, value, f"{path}: [{section}] {name}")
        self._variables = self._known_variables()

    def read_environment(self, environ: Mapping[str, str]) -> None:
        self._of_file, known = dict(self.values), self._variables
        for variable in sorted(environ.keys() - NOT_SETTINGS):
            if variable in known:
                section, name = known[variable]
                self._read_value(section, name, environ[variable], variable, is_text=True)
            elif variable.startswith(PREFIX):
                sections = one_of(_in_capitals(name) for name in self._structs)
                hint = suggestion(variable, known) or f"expected {PREFIX} and {sections}"
                self.problem(UNKNOWN, f"{variable}: unknown setting; {hint}")

    def services(self) -> dict[str, Section]:
        """Return the checked services: the defaults and those that the file adds."""
        names = [name for name in self._structs if name.startswith(SERVICE)]
        checked = {name.removeprefix(SERVICE): self.section(name) for name in names}
        return {name: service for name, service in checked.items() if service is not None}

    def section(self, name: str) -> Section | None:
        """Return a checked section, with another value in place of each wrong one.

        Returns None for a wrong service that has no defaults.
        """
        struct = self._structs[name]
        is_service = struct is ServiceSettings
        default = DEFAULT_SERVICES.get(name.removeprefix(SERVICE)) if is_service else struct()
        defaults = msgspec.structs.asdict(default) if default else {}
        if default and defaults | self.values[name] == defaults:
            return default
        try:
            section = msgspec.convert(self.values[name], struct)
        except msgspec.ValidationError:  # a service without its probe
            self.problem(name, f'[{name}]: found no probe, expected one such as probe = "{PROBE}"')
            return default
        problems = list(section.problems())
        if not problems:
            return section
        for wrong in problems:
            self.problem(name, f"[{name}] {wrong.name}: {wrong.text}", wrong.name)
        return _corrected(section, self._of_file[name], defaults) or default

    def _known_variables(self) -> dict[str, tuple[str, str]]:
        """Return the section and the setting of each variable."""
        return {
            f"{prefix}{name.upper()}": (section, name)
            for section, struct in self._structs.items()
            for prefix in [f"{PREFIX}{_in_capitals(section)}_"]
            for name in TYPES[struct]
        }

    def _read_value(
        self, section: str, name: str, value: Any, where: str, *, is_text: bool = False
    ) -> None:
        types = TYPES[self._structs[section]]
        kind = types.get(name)
        if kind is None:
            hint = suggestion(name, types) or f"expected {one_of(types)}"
            self.problem(section, f"{where}: unknown setting; {hint}")
            return
        if reader := self._structs[section].readers.get(name):
            try:
                self._set(section, name, reader(value, is_text=is_text))
            except ConfigError as error:
                self.problem(section, f"{where}: {error}", name)
            return
        try:
            self._set(section, name, converted(value, kind, is_text=is_text))
        except ConfigError as error:
            self.problem(section, f"{where}: found {shown(value)}, {error}", name)

    def _set(self, section: str, name: str, value: Any) -> None:
        self.values[section] = {**self.values[section], name: value}

    def problem(self, section: str, text: str, name: str = "") -> None:
        part = SERVICES if section.startswith(SERVICE) else section
        instead = self._structs[section].instead(name) if section in self._structs else ""
        self.problems.append(SettingsProblem(part, printable(text), instead, name))


def _corrected(section: Section, *others: Mapping[str, Any]) -> Section | None:
    """Return `section` with the values of the first `others` in which nothing is wrong."""
    for values in others:
        names = {name for wrong in section.problems() for name in (wrong.name, *wrong.also)}
        known = {name: values[name] for name in names if name in values}
        section = msgspec.structs.replace(section, **known)
    return None if any(section.problems()) else section


def _tables(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each section's name and table; [services.NAME] is a section of its own."""
    for section, table in document.items():
        if section == SERVICES and isinstance(table, dict):
            yield from ((SERVICE + name, service) for name, service in table.items())
        else:
            yield section, table


def _in_capitals(section: str) -> str:
    """Return a section's name as it appears in a variable's name."""
    return re.sub("[.-]", "_", section.upper())
