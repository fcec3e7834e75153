"""The sections of a unit as they are written in the configuration files, without secrets.

Shown of `environment` are the names of the variables, and the value of UNIT without those of
secret directives. Of a comment that holds a setting only the name is shown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from hems.supervision.configuration.setting_places import Place, SettingPlaces
from hems.supervision.settings.directive_parser import DIRECTIVES, whole

_HIDDEN = "***"
_WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""", re.DOTALL)  # as shlex
_SETTING_IN_COMMENT = re.compile(r"^(\s*[;#]+\s*[\w.-]+\s*[=:]|.*?\w=).*", re.DOTALL)
_ENVIRONMENT = re.compile(r"environment\s*[=:]", re.IGNORECASE)


def as_written(section: str, places: SettingPlaces, variables: Mapping[str, str]) -> str:
    """Return all occurrences of a section; `variables` are those of its `environment`."""
    parts = []
    for place in places.sections[section]:
        text = "\n".join(_without_secrets(_lines(place), variables)).rstrip()
        parts.append(f"# {place}\n{text}")
    return "\n\n".join(parts)


def _lines(place: Place) -> list[str]:
    """Return the lines of the section that begins at `place`."""
    lines = place.file.read_text(encoding="utf-8").splitlines()[place.line - 1 :]
    end = next((number for number, line in enumerate(lines) if number and line[:1] == "["), None)
    return lines[:end]


def _without_secrets(lines: list[str], variables: Mapping[str, str]) -> Iterator[str]:
    is_environment = False
    for line in lines:
        if line.lstrip()[:1] in {";", "#"}:
            yield _SETTING_IN_COMMENT.sub(rf"\1{_HIDDEN}", line)
            continue
        is_environment = (is_environment and line[:1].isspace()) or bool(_ENVIRONMENT.match(line))
        if not is_environment:
            yield line
        elif _ENVIRONMENT.match(line):
            yield f"environment = {_shown(variables)}"


def _shown(variables: Mapping[str, str]) -> str:
    return ",".join(
        f'{name}="{_unit(value) if name == "UNIT" else _HIDDEN}"'
        for name, value in variables.items()
    )


def _unit(text: str) -> str:
    complete = whole(text)
    if _WORD.sub("", complete).strip():  # a quote without an end
        return _HIDDEN
    return _WORD.sub(lambda word: _without_secret(word[0]), complete)


def _without_secret(word: str) -> str:
    name = shlex.split(word)[0].partition("=")[0]
    is_secret = name in DIRECTIVES and DIRECTIVES[name].is_secret
    return f"{name}={_HIDDEN}" if is_secret else word
