"""Find where supervisord's configuration files have each section and setting, and each fault.

supervisord reads ini files as configparser does, but without `strict`: a second occurrence of a
section adds to the first, and a second occurrence of a setting replaces the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_SETTING = re.compile(r"(?P<key>[^\s=:;#\[][^=:]*?)\s*[=:]")


class Place(NamedTuple):
    """A line of a file, counted from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class SettingPlaces:
    """All places of each section, and of each setting by section and name, in order."""

    def __init__(self) -> None:
        self.sections: dict[str, list[Place]] = {}
        self.settings: dict[tuple[str, str], list[Place]] = {}

    def add(self, file: Path, text: str) -> None:
        """Add the places in a file with this text."""
        section = ""
        for number, line in enumerate(text.splitlines(), 1):
            place = Place(file, number)
            if match := _SECTION.match(line):
                section = match["name"]
                self.sections.setdefault(section, []).append(place)
            elif match := _SETTING.match(line):
                self.settings.setdefault((section, match["key"].lower()), []).append(place)

    def of(self, section: str, key: str = "") -> Place:
        """Return the place that counts: the last of the setting, or the first of its section."""
        places = self.settings.get((section, key))
        return places[-1] if places else self.sections[section][0]

    def line_of(self, place: Place, names: Iterable[str]) -> Place:
        """Return the line of the setting at `place` that has NAME= of one of `names`, or `place`.

        The value may continue on lines that begin with a space.
        """
        assignments = tuple(f"{name}=" for name in names)
        lines = place.file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines[place.line - 1 :], place.line):
            if number > place.line and not line[:1].isspace():
                break
            if any(assignment in line for assignment in assignments):
                return Place(place.file, number)
        return place

    def duplicates(self) -> Iterator[tuple[str, str, Place, Place]]:
        """Yield section, setting, first and later place of what occurs twice; "" for a section.

        The settings of a section that occurs twice are not compared.
        """
        for section, places in self.sections.items():
            for later in places[1:]:
                yield section, "", places[0], later
        for (section, key), places in self.settings.items():
            is_single = len(self.sections.get(section, ())) == 1
            for later in places[1:] if is_single else ():
                yield section, key, places[0], later


class ConfigurationFault(NamedTuple):
    """A mistake, or with `is_warning` something that supervisord accepts."""

    where: Place | str
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {'warning: ' if self.is_warning else ''}{self.text}"
