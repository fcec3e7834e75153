"""hems.toml and the environment, checked section by section."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from hems.settings import EesmartD2l, Logs, Mqtt
from hems.settings.home_assistant import HomeAssistant
from hems.settings.influxdb import Influxdb
from hems.settings.iptables_init import IptablesInit
from hems.settings.led import Led
from hems.settings.mqtt_bridge import MqttBridge
from hems.settings.problem import FILE, NOBODYS, Problem
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
SERVICES = "services"  # the part of all services
SERVICE = f"{SERVICES}."  # before a service's name: the section of a service
PREFIX = "HEMS_"
NOT_SETTINGS = {"HEMS_CONFIG", "HEMS_RUN_DIR"}  # read by __main__ and etc/supervisord.conf


class Findings:
    """What was read so far: checked values by section, and `problems`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._structs = dict(SECTIONS)
        self._values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        for name, service in DEFAULT_SERVICES.items():
            self._structs[SERVICE + name] = Service
            self._values[SERVICE + name] = msgspec.structs.asdict(service)

    def take_file(self, path: Path) -> None:
        for section, table in _tables(self._document(path)):
            if section.startswith(SERVICE) and section not in self._structs:
                self._structs[section] = Service
                self._values[section] = {}
            if section not in self._structs:
                near = _near(section, self._structs) or f"expected {_one_of(self._structs)}"
                self._problem(NOBODYS, f"{path}: [{section}]: unknown section; {near}")
            elif not isinstance(table, dict):
                what = f"found a value, expected a [{section}] table"
                self._problem(section, f"{path}: {section}: {what}")
            else:
                for name, value in table.items():
                    self._take(section, name, value, f"{path}: [{section}] {name}")

    def take_environment(self, environ: Mapping[str, str]) -> None:
        known = {
            f"{PREFIX}{_in_capitals(section)}_{name.upper()}": (section, name)
            for section, struct in self._structs.items()
            for name in TYPES[struct]
        }
        for variable in sorted(environ.keys() - NOT_SETTINGS):
            if variable in known:
                section, name = known[variable]
                self._take(section, name, environ[variable], variable, is_text=True)
            elif variable.startswith(PREFIX):
                sections = _one_of(_in_capitals(one) for one in self._structs)
                near = _near(variable, known) or f"expected {PREFIX} and {sections}"
                self._problem(NOBODYS, f"{variable}: unknown setting; {near}")

    def services(self) -> dict[str, Section]:
        """Return the checked services: the defaults and the file's."""
        names = [name for name in self._structs if name.startswith(SERVICE)]
        checked = {name.removeprefix(SERVICE): self.section(name) for name in names}
        return {name: one for name, one in checked.items() if one is not None}

    def section(self, name: str) -> Section | None:
        """Return a checked section, its defaults when something is wrong with it as a whole.

        None for a service that has no defaults.
        """
        struct = self._structs[name]
        try:
            section = msgspec.convert(self._values[name], struct)
        except msgspec.ValidationError as error:  # a service without its probe
            self._problem(name, f"[{name}]: {error}")
            return None
        wrong = list(section.problems())
        for problem in wrong:
            self._problem(name, f"[{name}] {problem}")
        if wrong and struct is Service:
            return DEFAULT_SERVICES.get(name.removeprefix(SERVICE))
        return struct() if wrong else section

    def _document(self, path: Path) -> dict[str, Any]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            self._problem(
                FILE, f"{path}: cannot be read: {error.strerror}; HEMS_CONFIG names another"
            )
        except UnicodeDecodeError as error:
            self._problem(FILE, f"{path}: is not UTF-8 at byte {error.start}")
        except tomllib.TOMLDecodeError as error:
            self._problem(FILE, f"{path}: is not TOML: {error}")
        return {}

    def _take(
        self, section: str, name: str, value: Any, where: str, *, is_text: bool = False
    ) -> None:
        types = TYPES[self._structs[section]]
        kind = types.get(name)
        if kind is None:
            near = _near(name, types) or f"expected {_one_of(types)}"
            self._problem(section, f"{where}: unknown setting; {near}")
            return
        if is_text and kind == tuple[str, ...]:
            value = [part.strip() for part in value.split(",") if part.strip()]
        try:
            self._values[section][name] = msgspec.convert(value, kind, strict=not is_text)
        except msgspec.ValidationError as error:
            self._problem(section, f"{where}: found {value!r}: {error}")

    def _problem(self, section: str, text: str) -> None:
        part = SERVICES if section.startswith(SERVICE) else section
        self.problems.append(Problem(part, text))


def _tables(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each section's name and table; [services.NAME] is a section of its own."""
    for section, table in document.items():
        if section == SERVICES and isinstance(table, dict):
            yield from ((SERVICE + name, service) for name, service in table.items())
        else:
            yield section, table


def _in_capitals(section: str) -> str:
    """Return a section's name as it stands in a variable's."""
    return re.sub("[.-]", "_", section.upper())


def _near(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, empty when there is none."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def _one_of(known: Iterable[str]) -> str:
    return f"one of {', '.join(sorted(known))}"
