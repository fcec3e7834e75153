"""Read etc/supervisord.conf: its programs with their units, and the heartbeat file."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import Path

from dev.check import read_source_files
from hems.errors import ConfigError
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.supervisord.configuration_check import ConfigurationCheck

FILE = "etc/supervisord.conf"
PROGRAM, PLUGIN = "program:", "rpcinterface:supervision"
VARIABLE = re.compile(r"%\(ENV_(\w+)\)s")


def programs(root: Path) -> dict[str, Mapping[str, str]]:
    """Return the settings of each program by its name. Raises ConfigError."""
    parser = _parsed(root)
    sections = (section for section in parser.sections() if section.startswith(PROGRAM))
    return {section.removeprefix(PROGRAM): parser[section] for section in sections}


def heartbeat(root: Path) -> str:
    """Return the path that supervisord touches, as it is written. Raises ConfigError."""
    return _parsed(root).get(PLUGIN, "heartbeat", fallback="")


def check(root: Path, variables: Mapping[str, str]) -> ConfigurationCheck:
    """Return the library's check, with the variables of the container."""
    return ConfigurationCheck(root / FILE, variables, is_here=False)


def units(root: Path, variables: Mapping[str, str]) -> dict[str, UnitSpec]:
    """Return the unit of each program; one with a mistake has no directives."""
    checked = check(root, variables)
    checked.faults()  # fills specs
    return checked.specs


def _parsed(root: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",), strict=False)
    try:
        parser.read_string(read_source_files.text(root, FILE))
    except configparser.Error as error:
        raise ConfigError(f"{FILE}: {error}") from error
    return parser
