"""Make the environment of a process: PassEnvironment, Environment, EnvironmentFile and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from hems.supervision.settings.process_settings import EnvironmentSettings, PathEntry

OWN = ("SUPERVISOR_*",)  # that supervisord sets for each program
MAX_CHARACTERS = 1 << 20  # of an EnvironmentFile; execve(2) takes about 2 MiB in all
_ESCAPED = '"\\`$'  # after which a backslash goes, in double quotes


def environment(
    settings: EnvironmentSettings, inherited: Mapping[str, str], own: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a process.

    `inherited` are those that supervisord would give it, among them `own`, those that are meant
    for this unit alone. Raises OSError or ValueError for a wrong EnvironmentFile.
    """
    variables = dict(inherited)
    if settings.passed:
        variables = matching(inherited, (*own, *settings.passed, *OWN))
    for pairs in settings.variables:
        variables.update(pairs)
    for entry in settings.files:
        variables.update(_read(entry))
    for name in (name for names in settings.unset for name in names):
        variable, is_assignment, value = name.partition("=")
        if not is_assignment or variables.get(variable) == value:
            variables.pop(variable, None)
    return variables


def matching(environment: Mapping[str, str], patterns: Sequence[str]) -> dict[str, str]:
    """Return the variables whose names match one of `patterns`, where * is any text."""
    return {
        name: value
        for name, value in environment.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def parse_file(text: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of an EnvironmentFile, as systemd reads it.

    Blank lines and those that begin with # or ; are skipped. A backslash at the end of a line
    continues it. A value may be in single or double quotes, over several lines. Raises ValueError
    that names the line and never its value.
    """
    at, line = 0, 1
    while at < len(text):
        end = _end_of_line(text, at)
        begin = text[at:end].lstrip()
        if not begin or begin[0] in "#;":
            at, line = end + 1, line + 1
            continue
        name, equals, _ = begin.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ValueError(f"line {line}: expected VARIABLE=value")
        value, end = _value(text, text.index("=", at) + 1)
        yield name.strip(), value
        line += text.count("\n", at, end) + 1
        at = end + 1


def _read(entry: PathEntry) -> dict[str, str]:
    try:
        with Path(entry.path).open(encoding="utf-8") as file:
            text = file.read(MAX_CHARACTERS + 1)
    except FileNotFoundError:
        if entry.is_optional:
            return {}
        raise
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{entry.path}: expected at most {MAX_CHARACTERS} characters")
    try:
        return dict(parse_file(text))
    except ValueError as error:
        raise ValueError(f"{entry.path}: {error}") from None


def _value(text: str, at: int) -> tuple[str, int]:
    """Return the value that begins at `at`, and where its line ends."""
    parts: list[str] = []
    kept = 0  # the number of parts up to the last one that is not a blank
    while at < len(text) and text[at] != "\n":
        character = text[at]
        if character in "'\"":
            part, at = _quoted(text, at)
        elif character == "\\":
            part, at = text[at + 1 : at + 2].replace("\n", ""), at + 2
        else:
            part, at = character, at + 1
        if not parts and part.isspace() and character not in "'\"\\":
            continue
        parts.append(part)
        if not part.isspace() or character in "'\"\\":
            kept = len(parts)
    return "".join(parts[:kept]), at


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Return the text in the quotes that begin at `at`, and the index after them."""
    quote, parts = text[at], list[str]()
    at += 1
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\" and at + 1 < len(text):
            escaped = text[at + 1]
            parts.append(
                escaped if escaped in _ESCAPED else "" if escaped == "\n" else f"\\{escaped}"
            )
            at += 2
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts), at + 1


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
