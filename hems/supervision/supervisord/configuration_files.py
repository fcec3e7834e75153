"""Read supervisord's configuration files as supervisord does, and remember where everything is."""

from __future__ import annotations

import configparser
import glob
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from supervisor.options import UnhosedConfigParser, expand

from hems.supervision.configuration.setting_places import SettingPlaces
from hems.supervision.errors import InvalidConfiguration


class ConfigurationFiles(NamedTuple):
    """`parser` has all sections of `file` and of what it includes."""

    file: Path
    parser: Any
    places: SettingPlaces
    missing: list[str]  # [include] without a file
    shared: dict[str, str]  # variables of [supervisord]

    @property
    def here(self) -> str:
        return str(self.file.absolute().parent)


def load(file: Path, variables: Mapping[str, str]) -> ConfigurationFiles:
    """Read a file with its includes; `variables` are those of supervisord's environment.

    Raises InvalidConfiguration that begins with the file's name.
    """
    parser, places = UnhosedConfigParser(), SettingPlaces()
    parser.expansions = {f"ENV_{name}": value for name, value in variables.items()}
    files = ConfigurationFiles(file, parser, places, [], {})
    _add(files, file)
    for pattern in _includes(files):
        parser.expand_here(files.here)  # supervisord does so with [include] only
        names = sorted(glob.glob(str(file.parent / pattern)))  # noqa: PTH207 - any absolute pattern
        for name in names:
            _add(files, Path(name))
            parser.expand_here(str(Path(name).absolute().parent))
        if not names:
            files.missing.append(pattern)
    if not parser.has_section("supervisord"):
        raise InvalidConfiguration(f"{file}: found no [supervisord], expected one")
    return files


def _includes(files: ConfigurationFiles) -> Iterator[str]:
    parser = files.parser
    if not parser.has_section("include"):
        return
    place = files.places.of("include", "files")
    if not parser.has_option("include", "files"):
        raise InvalidConfiguration(f"{place}: [include] found no files, expected files = PATTERN")
    names = {"here": files.here, "host_node_name": platform.node(), **parser.expansions}
    try:
        yield from expand(parser.get("include", "files"), names, "include.files").split()
    except ValueError as error:
        raise InvalidConfiguration(f"{place}: [include] files: {error}") from None


def _add(files: ConfigurationFiles, file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        files.parser.read_string(text, str(file))
    except OSError as error:
        problem = f"found {error.strerror}, expected a configuration file"
        raise InvalidConfiguration(f"{file}: {problem}") from None
    except UnicodeDecodeError as error:
        raise InvalidConfiguration(f"{file}: {error}") from None
    except configparser.MissingSectionHeaderError as error:
        problem = "found a setting outside a section, expected [SECTION]"
        raise InvalidConfiguration(f"{file}:{error.lineno}: {problem}") from None
    except configparser.ParsingError as error:
        (line, _text), *_ = error.errors
        raise InvalidConfiguration(
            f"{file}:{line}: found no setting, expected NAME = VALUE"
        ) from None
    files.places.add(file, text)
