"""OPEN_PORTS: the doors that are open besides those that always are, such as `8123, 8086`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hems.settings.doors import DOORS, SETTING
from hems.settings.validation_problems import SettingsProblem, shown

KNOWN = {door.port: door for door in DOORS if door.opened_by}
SEPARATOR = re.compile(r"[,;\s]+")
INSTEAD = "each correct port"


def open_ports(environ: Mapping[str, str], problems: list[SettingsProblem]) -> tuple[int, ...]:
    """Return the ports that the variable names; append each mistake to `problems`."""
    words = [word for word in SEPARATOR.split(environ.get(SETTING, "")) if word]
    ports = list(_ports(words, problems))
    return tuple(sorted(set(ports)))


def _ports(words: list[str], problems: list[SettingsProblem]) -> Iterator[int]:
    expected = f"expected some of {', '.join(map(str, sorted(KNOWN)))}"
    always = {str(door.port) for door in DOORS if not door.opened_by}
    for word in words:
        if word in map(str, KNOWN):
            yield int(word)
        elif word not in always:  # naming one that is open anyway is no mistake
            text = f"{SETTING}: found {shown(word)}, {expected}"
            problems.append(SettingsProblem(SETTING, text, INSTEAD))
