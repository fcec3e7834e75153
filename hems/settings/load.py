"""Read hems.toml and the environment into Settings, or say everything that is wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from hems.errors import ConfigError
from hems.settings import (
    EesmartD2l,
    Logs,
    Mqtt,
    Settings,
    secrets,
)
from hems.settings.home_assistant import HomeAssistant
from hems.settings.influxdb import Influxdb
from hems.settings.iptables_init import IptablesInit
from hems.settings.led import Led
from hems.settings.mqtt_bridge import MqttBridge
from hems.settings.provision import Provision
from hems.settings.section import Section
from hems.settings.telemetry import Telemetry
from hems.settings.watchdog import DEFAULT_SERVICES, Service, Watchdog
from hems.settings.wifi_connect import WifiConnect

SECTIONS: dict[str, type[Section]] = {
    "logs": Logs,
    "mqtt": Mqtt,
    "mqtt_bridge": MqttBridge,
    "eesmart_d2l": EesmartD2l,
    "watchdog": Watchdog,
    "led": Led,
    "iptables_init": IptablesInit,
    "provision": Provision,
    "home_assistant": HomeAssistant,
    "influxdb": Influxdb,
    "telemetry": Telemetry,
    "wifi_connect": WifiConnect,
}
TYPES = {
    struct: get_type_hints(struct, include_extras=True) for struct in (*SECTIONS.values(), Service)
}
SERVICE = "services."  # before a service's name: the section of a service
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
    services = {name: found.section(SERVICE + name) for name in found.services()}
    provision = sections["provision"]
    made = provision.secrets_directory if isinstance(provision, Provision) else None
    known = secrets.read(environ, found.problems, made)
    if found.problems:
        count = len(found.problems)
        title = f"{count} problem{'s' if count > 1 else ''} with the settings:"
        raise ConfigError("\n  ".join([title, *found.problems]))
    return msgspec.convert(sections | {"services": services, "secrets": known}, Settings)


class _Findings:
    """What was read so far: checked values by section, and problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._structs = dict(SECTIONS)
        self._values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        for name, service in DEFAULT_SERVICES.items():
            self._structs[SERVICE + name] = Service
            self._values[SERVICE + name] = msgspec.structs.asdict(service)

    def services(self) -> list[str]:
        """Return the names of the services known by now: the defaults and the file's."""
        return [name.removeprefix(SERVICE) for name in self._structs if name.startswith(SERVICE)]

    def take_file(self, path: Path) -> None:
        for section, table in _tables(self._document(path)):
            if section.startswith(SERVICE) and section not in self._structs:
                self._structs[section] = Service
                self._values[section] = {}
            if section not in self._structs:
                near = _nearest(section, self._structs)
                self._problem(f"{path}: [{section}]", f"unknown section{near}")
            elif not isinstance(table, dict):
                self._problem(f"{path}: {section}", f"found a value, expected a [{section}] table")
            else:
                for name, value in table.items():
                    self._take(section, name, value, f"{path}: [{section}] {name}")

    def take_environment(self, environ: Mapping[str, str]) -> None:
        known = {
            re.sub("[.-]", "_", f"{PREFIX}{section}_{name}".upper()): (section, name)
            for section, struct in self._structs.items()
            for name in TYPES[struct]
        }
        for variable in sorted(environ.keys() - NOT_SETTINGS):
            if variable in known:
                section, name = known[variable]
                self._take(section, name, environ[variable], variable, is_text=True)
            elif variable.startswith(PREFIX):
                self._problem(variable, f"unknown setting{_nearest(variable, known)}")

    def section(self, name: str) -> Section | None:
        """Return a checked section, None when there are problems with it."""
        try:
            section = msgspec.convert(self._values[name], self._structs[name])
        except msgspec.ValidationError as error:  # a service without its probe
            self._problem(f"[{name}]", str(error))
            return None
        for problem in section.problems():
            self.problems.append(f"[{name}] {problem}")
        return section

    def _document(self, path: Path) -> dict[str, Any]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            self._problem(str(path), f"cannot be read: {error.strerror}; HEMS_CONFIG names another")
        except UnicodeDecodeError as error:
            self._problem(str(path), f"is not UTF-8 at byte {error.start}")
        except tomllib.TOMLDecodeError as error:
            self._problem(str(path), f"is not TOML: {error}")
        return {}

    def _take(
        self, section: str, name: str, value: Any, where: str, *, is_text: bool = False
    ) -> None:
        types = TYPES[self._structs[section]]
        kind = types.get(name)
        if kind is None:
            self._problem(where, f"unknown setting{_nearest(name, types)}")
            return
        if is_text and kind == tuple[str, ...]:
            value = [part.strip() for part in value.split(",") if part.strip()]
        try:
            self._values[section][name] = msgspec.convert(value, kind, strict=not is_text)
        except msgspec.ValidationError as error:
            self._problem(where, f"found {value!r}: {error}")

    def _problem(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")


def _tables(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each section's name and table; [services.NAME] is a section of its own."""
    for section, table in document.items():
        if f"{section}." == SERVICE and isinstance(table, dict):
            yield from ((SERVICE + name, service) for name, service in table.items())
        else:
            yield section, table


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, or the list to choose from."""
    choice = sorted(known)
    close = difflib.get_close_matches(name, choice, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; expected one of {', '.join(choice)}"
