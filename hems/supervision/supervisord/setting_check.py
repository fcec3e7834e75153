"""Check the settings of all programs in configuration files, each by itself.

A wrong one is reported and left out of the files' parser, so that the rest is checked too.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping

from hems.supervision.configuration.setting_places import ConfigurationFault
from hems.supervision.errors import nearest
from hems.supervision.settings.directive_parser import DIRECTIVES
from hems.supervision.supervisord import supervisord_keys
from hems.supervision.supervisord.configuration_files import ConfigurationFiles

_PROGRAM = "program:"
_NO_UNIT = ("eventlistener:", "fcgi-program:")
_SECTIONS = (_PROGRAM, *_NO_UNIT, "group:", "rpcinterface:", "ctlplugin:")
_LONGEST = 131072  # bytes of an argument or a variable: execve(2), MAX_ARG_STRLEN


class SettingCheck:
    """The check of the settings in `files`, see ConfigurationCheck."""

    def __init__(
        self, files: ConfigurationFiles, variables: Mapping[str, str], *, is_here: bool
    ) -> None:
        self._files = files
        self._variables = variables
        self._is_here = is_here

    def faults(self) -> Iterator[ConfigurationFault]:
        """Yield what is wrong with each setting."""
        yield from self._shared()
        for section in self._files.parser.sections():
            if text := _section_fault(section):
                yield ConfigurationFault(self._files.places.of(section), f"[{section}] {text}")
            elif section.startswith(_PROGRAM):
                yield from self._program(section)
            elif section.startswith(_NO_UNIT):
                yield from self._no_unit(section)

    def _program(self, section: str) -> Iterator[ConfigurationFault]:
        files, parser = self._files, self._files.parser
        if not parser.has_option(section, "command"):
            yield ConfigurationFault(
                files.places.of(section), f"[{section}] found no command, expected one"
            )
        yield from self._too_long(section)
        for key, value in parser.items(section):
            text, is_mistake = self._setting(section, key, value)
            if text:
                place = files.places.of(section, key)
                yield ConfigurationFault(place, f"[{section}] {key}: {text}", not is_mistake)
            if is_mistake or (key in supervisord_keys.OF_THE_MACHINE and not self._is_here):
                self._leave_out(section, key)
        if not parser.has_option(section, "command"):
            parser.set(section, "command", "true")
        yield from self._misnamed_unit(section)

    def _misnamed_unit(self, section: str) -> Iterator[ConfigurationFault]:
        """Find directives in a variable other than UNIT."""
        key = "environment"
        variables = supervisord_keys.variables(self._files.parser.get(section, key, fallback=""))
        for name, value in variables.items():
            if "UNIT" not in variables and value.partition("=")[0].strip() in DIRECTIVES:
                place = self._files.places.of(section, key)
                text = f"[{section}] {key}: found directives in {name}, expected them in UNIT"
                yield ConfigurationFault(place, text, is_warning=True)

    def _no_unit(self, section: str) -> Iterator[ConfigurationFault]:
        """Check what supervisord's own check would show or never end.

        The variables may be secret, and it makes each of so many processes.
        """
        for key in ("environment", "numprocs"):
            if not self._files.parser.has_option(section, key):
                continue
            text, _ = self._setting(section, key, self._files.parser.get(section, key))
            if text:
                place = self._files.places.of(section, key)
                yield ConfigurationFault(place, f"[{section}] {key}: {text}")
                self._leave_out(section, key)

    def _too_long(self, section: str) -> Iterator[ConfigurationFault]:
        """Leave out what no program can be given, and what takes minutes to split into words."""
        for key, value in self._files.parser.items(section):
            if len(value) > _LONGEST:
                text = f"found {len(value)} characters, expected at most {_LONGEST}"
                place = self._files.places.of(section, key)
                yield ConfigurationFault(place, f"[{section}] {key}: {text}")
                self._leave_out(section, key)

    def _setting(self, section: str, key: str, value: str) -> tuple[str, bool]:
        """Return what there is to say about a setting, and whether it is a mistake."""
        if key not in supervisord_keys.SETTINGS:
            return f"supervisord ignores it{_hint(key)}", True
        known = self._names(section.removeprefix(_PROGRAM))
        if fault := supervisord_keys.expansion_fault(value, known):
            return fault, True
        text = value % known
        fault = supervisord_keys.fault(key, text)
        if fault or not self._is_here:
            return fault or _without_effect(key), bool(fault)
        fault = supervisord_keys.fault_here(key, text, self._variables)
        is_mistake = bool(fault) and key in supervisord_keys.OF_THE_MACHINE
        return fault or _without_effect(key), is_mistake

    def _shared(self) -> Iterator[ConfigurationFault]:
        """Give all programs the variables of [supervisord], which %(ENV_NAME)s may name."""
        files = self._files
        section, key = "supervisord", "environment"
        text, known = files.parser.get(section, key, fallback=""), self._names("")
        fault = supervisord_keys.expansion_fault(text, known)
        if fault := fault or supervisord_keys.fault(key, text % known):
            yield ConfigurationFault(files.places.of(section, key), f"[{section}] {key}: {fault}")
            return
        files.shared.update(supervisord_keys.variables(text % known))
        files.parser.expansions |= {f"ENV_{name}": value for name, value in files.shared.items()}

    def _names(self, program: str) -> dict[str, object]:
        """Return what %(NAME)s may name in the settings of a program."""
        files = self._files
        own = files.parser.get(f"{_PROGRAM}{program}", "environment", fallback="")
        return {
            "here": files.here,
            "host_node_name": platform.node(),
            "program_name": program,
            "group_name": program,
            "process_num": 0,
            "numprocs": 1,
            **files.parser.expansions,
            **{f"ENV_{name}": value for name, value in supervisord_keys.variables(own).items()},
        }

    def _leave_out(self, section: str, key: str) -> None:
        """Remove a setting, but for a log file: by default supervisord would make one."""
        if key.endswith("_logfile"):
            self._files.parser.set(section, key, "NONE")
        else:
            self._files.parser.remove_option(section, key)


def _section_fault(section: str) -> str:
    """Return what is wrong with the kind of a section that is almost one of supervisord's."""
    kind, colon, name = section.partition(":")
    if not colon or f"{kind}:" in _SECTIONS:
        return ""
    near = nearest(f"{kind}:", _SECTIONS)
    return f"supervisord ignores it; did you mean [{near}{name}]?" if near else ""


def _hint(key: str) -> str:
    """Return what an unknown setting may be meant to be: a directive, or another setting."""
    directive = {name.lower(): name for name in DIRECTIVES}.get(key)
    if directive:
        return f': a directive is written in environment = UNIT="{directive}=..."'
    near = nearest(key, supervisord_keys.SETTINGS)
    return f"; did you mean {near}?" if near else ""


def _without_effect(key: str) -> str:
    why = supervisord_keys.WITHOUT_EFFECT.get(key)
    return f"it has no effect: {why}" if why else ""
