"""Find the mistakes in supervisord's configuration files without starting anything.

supervisord's own reader makes the programs, and configured_units.py the units, as at a start. A
wrong setting is reported and left out, so that the rest is checked too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hems.supervision.configuration.setting_places import ConfigurationFault, Place
from hems.supervision.errors import InvalidConfiguration
from hems.supervision.processes import credentials, user_identity
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.supervisord import (
    configuration_files,
    plugin_import_check,
    plugin_options,
    supervisord_keys,
)
from hems.supervision.supervisord.configuration_files import ConfigurationFiles
from hems.supervision.supervisord.setting_check import SettingCheck
from hems.supervision.supervisord.tolerant_configuration_reader import ConfiguredPrograms

_PLUGIN = "rpcinterface:supervision"
_SERVERS = ("unix_http_server", "inet_http_server")


def report(
    files: Iterable[Path], variables: Mapping[str, str], output: Callable[[str], None]
) -> int:
    """Write a line for each fault in the files; return 1 if one is a mistake, else 0."""
    status = 0
    for file in files:
        for fault in ConfigurationCheck(file, variables).faults():
            output(str(fault))
            status = status if fault.is_warning else 1
    return status


class ConfigurationCheck:
    """The check of one file with its includes.

    `variables` are those of supervisord's environment. With `is_here` false it will run on another
    machine, so that its users, folders and programs are not looked at. Afterwards `specs` has the
    settings of all units, without their directives if one is wrong (`broken`).
    """

    def __init__(self, file: Path, variables: Mapping[str, str], *, is_here: bool = True) -> None:
        self.specs: dict[str, UnitSpec] = {}
        self.broken: frozenset[str] = frozenset()
        self._sections: Mapping[str, str] = {}  # of each unit
        self._file = file
        self._variables = variables
        self._is_here = is_here

    def faults(self) -> list[ConfigurationFault]:
        """Return what was found, in the order of the lines."""
        try:
            files = configuration_files.load(self._file, self._variables)
        except InvalidConfiguration as error:
            where, _, text = str(error).partition(": ")
            return [ConfigurationFault(where, text)]
        settings = SettingCheck(files, self._variables, is_here=self._is_here)
        faults = [*self._whole(files), *settings.faults(), *self._units(files)]
        if self._is_here:
            faults += [*plugin_import_check.faults(files), *self._credentials(files)]
        return sorted(faults, key=lambda one: _order(one.where, self._file))

    def _whole(self, files: ConfigurationFiles) -> Iterator[ConfigurationFault]:
        places = files.places
        for pattern in files.missing:
            text = f"[include] files: found no file {pattern}, expected one"
            yield ConfigurationFault(places.of("include", "files"), text, is_warning=True)
        for section, key, first, later in places.duplicates():
            what = f"{key}: found it twice" if key else "found it twice"
            yield ConfigurationFault(later, f"[{section}] {what}, expected it only at {first}")
        if not files.parser.has_section(_PLUGIN):
            yield ConfigurationFault(
                str(self._file), f"found no [{_PLUGIN}], expected one: UNIT has no effect"
            )
            return
        servers = [one for one in files.parser.sections() if one.startswith(_SERVERS)]
        if len(servers) != 1:
            text = f"found {len(servers)} HTTP servers, expected only [unix_http_server]"
            yield ConfigurationFault(places.of(_PLUGIN), f"[{_PLUGIN}] {text}")
        yield from self._plugin(files)

    def _plugin(self, files: ConfigurationFiles) -> Iterator[ConfigurationFault]:
        places, known, options = files.places, files.parser.expansions, {}
        for key, value in files.parser.items(_PLUGIN):
            if fault := supervisord_keys.expansion_fault(value, known):
                yield ConfigurationFault(places.of(_PLUGIN, key), f"[{_PLUGIN}] {key}: {fault}")
                return
            if key not in plugin_import_check.KEYS.values():
                options[key] = value % known
        try:
            plugin_options.read(options)
        except InvalidConfiguration as error:
            yield ConfigurationFault(places.of(_PLUGIN), str(error))

    def _units(self, files: ConfigurationFiles) -> Iterator[ConfigurationFault]:
        programs = ConfiguredPrograms(files)
        for section, text in programs.faults:
            yield ConfigurationFault(_place(files, section), text)
        for section, text in programs.warnings():
            yield ConfigurationFault(_place(files, section), text, is_warning=True)
        self.specs, self.broken = programs.units.specs, frozenset(programs.units.faults)
        self._sections = programs.sections
        for name, fault in (*programs.unit_faults(), *self._accounts()):
            yield ConfigurationFault(self._place_in_unit(files, name, fault), fault)

    def _place_in_unit(self, files: ConfigurationFiles, name: str, fault: str) -> Place | str:
        """Return the line of the directive that a fault names."""
        place = _place(files, self._sections.get(name, ""), "environment")
        if isinstance(place, Place):
            words = re.findall(r"\w+", fault.partition("UNIT: ")[2])
            place = files.places.line_of(place, words)
        return place

    def _accounts(self) -> Iterator[tuple[str, str]]:
        """Yield each unit with a user or a group that this machine does not have."""
        for name, spec in self.specs.items() if self._is_here else ():
            if fault := user_identity.fault(spec.process.privileges):
                yield name, f"[program:{name}] UNIT: {fault}"

    def _credentials(self, files: ConfigurationFiles) -> Iterator[ConfigurationFault]:
        """Find credentials without a file; it may come later, but before the unit starts."""
        for name, spec in self.specs.items():
            for path in credentials.missing(spec.process.credentials):
                text = f"[program:{name}] UNIT: LoadCredential: found no file {path}"
                place = self._place_in_unit(files, name, text)
                yield ConfigurationFault(place, text, is_warning=True)


def _place(files: ConfigurationFiles, section: str, key: str = "") -> Place | str:
    known = section in files.places.sections
    return files.places.of(section, key) if known else str(files.file)


def _order(where: Place | str, first: Path) -> tuple[bool, str, int]:
    place = where if isinstance(where, Place) else Place(first, 0)
    return place.file != first, str(place.file), place.line
