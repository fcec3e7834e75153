"""Read hems.toml and the environment into Settings, or say everything that is wrong."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from hems.errors import ConfigError
from hems.settings import (
    EesmartD2l,
    IptablesInit,
    Led,
    Logs,
    Mqtt,
    Section,
    Settings,
    Watchdog,
    secrets,
)

SECTIONS: dict[str, type[Section]] = {
    "logs": Logs,
    "mqtt": Mqtt,
    "eesmart_d2l": EesmartD2l,
    "watchdog": Watchdog,
    "led": Led,
    "iptables_init": IptablesInit,
}
TYPES = {name: get_type_hints(struct, include_extras=True) for name, struct in SECTIONS.items()}
PREFIX = "HEMS_"
NOT_SETTINGS = {"HEMS_CONFIG", "HEMS_RUN_DIR"}  # read by __main__ and etc/supervisord.conf


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of `path` with the environment's overrides and secrets.

    Raises ConfigError that lists every problem, a line each; no secret is in it.
    """
    found = _Findings()
    found.take_file(path)
    found.take_environment(environ)
    sections = {name: found.section(name) for name in SECTIONS}
    known = secrets.read(environ, found.problems)
    if found.problems:
        count = len(found.problems)
        title = f"{count} problem{'s' if count > 1 else ''} with the settings:"
        raise ConfigError("\n  ".join([title, *found.problems]))
    return msgspec.convert(sections | {"secrets": known}, Settings)


class _Findings:
    """What was read so far: checked values by section, and problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}

    def take_file(self, path: Path) -> None:
        for section, table in self._document(path).items():
            if section not in SECTIONS:
                self._problem(f"{path}: [{section}]", f"unknown section{_nearest(section, TYPES)}")
            elif not isinstance(table, dict):
                self._problem(f"{path}: {section}", f"found a value, expected a [{section}] table")
            else:
                for name, value in table.items():
                    self._take(section, name, value, f"{path}: [{section}] {name}")

    def take_environment(self, environ: Mapping[str, str]) -> None:
        known = {
            f"{PREFIX}{section}_{name}".upper(): (section, name)
            for section, types in TYPES.items()
            for name in types
        }
        for variable in sorted(environ.keys() - NOT_SETTINGS):
            if variable in known:
                section, name = known[variable]
                self._take(section, name, environ[variable], variable, is_text=True)
            elif variable.startswith(PREFIX):
                self._problem(variable, f"unknown setting{_nearest(variable, known)}")

    def section(self, name: str) -> Section:
        section = SECTIONS[name](**self._values[name])
        for problem in section.problems():
            self.problems.append(f"[{name}] {problem}")
        return section

    def _document(self, path: Path) -> dict[str, Any]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            self._problem(str(path), f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._problem(str(path), f"is not UTF-8 at byte {error.start}")
        except tomllib.TOMLDecodeError as error:
            self._problem(str(path), f"is not TOML: {error}")
        return {}

    def _take(
        self, section: str, name: str, value: Any, where: str, *, is_text: bool = False
    ) -> None:
        kind = TYPES[section].get(name)
        if kind is None:
            self._problem(where, f"unknown setting{_nearest(name, TYPES[section])}")
            return
        if is_text and kind == tuple[str, ...]:
            value = [part.strip() for part in value.split(",") if part.strip()]
        try:
            self._values[section][name] = msgspec.convert(value, kind, strict=not is_text)
        except msgspec.ValidationError as error:
            self._problem(where, f"found {value!r}: {error}")

    def _problem(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, or the list to choose from."""
    choice = sorted(known)
    close = difflib.get_close_matches(name, choice, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; expected one of {', '.join(choice)}"
