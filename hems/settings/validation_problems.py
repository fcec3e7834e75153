"""A mistake in the settings, and the ConfigError that lists all mistakes."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hems.errors import ConfigError

FILE = "hems.toml"  # the part of a mistake that makes the whole file unreadable
UNKNOWN = ""  # the part of an unknown section or variable, which no worker reads
DEFAULT = "the default"
KINDS = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`str`": "text",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "a table",
}
LIMITS = {" <= ": " of at most ", " >= ": " of at least ", " > ": " above ", " < ": " below "}
PATH = "text matching regex '^/'"
CHOICE = re.compile(r"text matching regex '\^\(([^()]+)\)\$'")
OUT_OF_RANGE = re.compile("(Integer value|Number) out of range")
INVISIBLE = "an invisible character"
STRANGE: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("a byte that is not UTF-8", re.compile("[\ud800-\udfff]").match),  # os.environ has those
    ("a line break", "\n\r\x85\u2028\u2029".__contains__),
    ("a tab", "\t".__contains__),
    ("a control character", lambda character: unicodedata.category(character) == "Cc"),
)
_SURROGATE = re.compile(r"(?<!\\)((?:\\\\)*)\\udc([89a-f][0-9a-f])")  # as repr() writes a byte
MAX_SHOWN = 80  # characters of a wrong value


@dataclass(frozen=True)
class SettingsProblem:
    """One mistake; `text` never shows a secret.

    `part` is a section's name, a secret's variable, FILE or UNKNOWN. `instead` is what the
    gateway uses until the mistake is corrected; without it, the workers that read the part do
    not start. `name` is the setting's, within its section.
    """

    part: str
    text: str
    instead: str = ""
    name: str = ""

    @property
    def variable(self) -> str:
        """Return the variable that sets the value, or the part if it is not one setting."""
        return f"HEMS_{self.part}_{self.name}".upper() if self.name else self.part

    @property
    def line(self) -> str:
        """Return the mistake and its consequence in one line."""
        return f"{self.text}; {self.instead} is used" if self.instead else self.text


def refuse(problems: Sequence[SettingsProblem]) -> None:
    """Raise ConfigError that lists every problem, one on each line, if there are any."""
    if problems:
        count = len(problems)
        title = f"{count} problem{'s' if count > 1 else ''} with the settings:"
        raise ConfigError("\n  ".join([title, *(problem.text for problem in problems)]))


def strange(text: str) -> str:
    """Return the kind of the first character that no setting may have, empty if there is none."""
    for character in text:
        if not character.isprintable():
            return next((kind for kind, match in STRANGE if match(character)), INVISIBLE)
    return ""


def shown(value: object) -> str:
    """Return any wrong value as short printable text, in quotes if it is text."""
    if isinstance(value, str) and len(value) > MAX_SHOWN:
        return f"{shown(value[:MAX_SHOWN])}… ({len(value)} characters)"
    try:
        text = _SURROGATE.sub(r"\1\\x\2", repr(value))
    except (ValueError, RecursionError):  # a number of thousands of digits
        return "a value that is too long"
    return text if isinstance(value, str) or len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def printable(text: str) -> str:
    """Return `text` with an escape in place of each character that cannot be printed."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" with the known name nearest to `name`, empty if none is near."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def one_of(known: Iterable[str]) -> str:
    """Return "one of a, b, c"."""
    return f"one of {', '.join(sorted(known))}"


def expectation(error: str) -> str:
    """Return what was expected, from a message of msgspec such as "Expected `int` <= 65535"."""
    text = error.partition(", got ")[0].partition(" - at ")[0].replace("Expected", "expected", 1)
    text = OUT_OF_RANGE.sub("expected a number of fewer digits", text)
    for name, plain in (KINDS | LIMITS).items():
        text = text.replace(name, plain)
    text = text.replace(PATH, "a path that begins with /")
    return CHOICE.sub(lambda match: f"one of {match[1].replace('|', ', ')}", text)
