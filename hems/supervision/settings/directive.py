"""The shape of a row of the table of directives: name, setting, default and meaning of each.

The parser (directive_parser.py) and the reference in the documentation follow from the rows.
"""

import os
import signal
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from hems.supervision.settings import time_span

MAX_COUNT = 999_999_999  # fits into a C int, which listen(2) and others need


class Directive(NamedTuple):
    """One directive. `setting` is a path of attributes from UnitSpec: `restart_s`, `process.umask`.

    `convert` turns the text into a value and raises ValueError that says what was found and what
    was expected. A directive that may occur several times (`is_list`) has a tuple as its value, to
    which each occurrence adds; an empty one clears it. `unlike` says how it differs from systemd.
    With `is_secret` the value is shown nowhere, and `convert` does not show it either.
    """

    name: str
    setting: str
    convert: Callable[[str], object]
    default: str
    meaning: str
    source: str = "systemd.service(5)"
    unlike: str = ""
    is_list: bool = False
    is_secret: bool = False


def one_of(choices: type[Enum]) -> Callable[[str], Enum]:
    """Return the converter for one value of an enum."""

    def convert(value: str) -> Enum:
        names = [str(choice.value) for choice in choices]
        if value not in names:
            raise ValueError(f"found {value!r}, expected {' or '.join(names)}")
        return choices(value)

    return convert


def names(value: str) -> tuple[str, ...]:
    """Return the names of a list that is separated by commas or spaces."""
    return tuple(value.replace(",", " ").split())


def timeout(value: str) -> float:
    """Return a time-out in seconds: like systemd, take 0 as never (math.inf)."""
    return time_span.seconds(value) or float("inf")


def count(value: str) -> int:
    """Return a whole number from 0 to MAX_COUNT."""
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(MAX_COUNT))):
        raise ValueError(f"found {value!r}, expected a whole number up to {MAX_COUNT}")
    return int(value)


def boolean(value: str) -> bool:
    """Return a truth value in one of systemd's spellings."""
    words = {"1": True, "yes": True, "true": True, "on": True, "y": True, "t": True}
    words |= {"0": False, "no": False, "false": False, "off": False, "n": False, "f": False}
    if value.lower() not in words:
        raise ValueError(f"found {value!r}, expected yes or no")
    return words[value.lower()]


def exit_statuses(value: str) -> frozenset[int]:
    """Return the exit statuses of a list, in which a signal is its negative number.

    A status is a number, or a name of sysexits.h without EX_ such as CONFIG.
    """
    return frozenset(_exit_status(name) for name in names(value))


def _exit_status(name: str) -> int:
    if hasattr(os, f"EX_{name}"):
        return int(getattr(os, f"EX_{name}"))
    if name.startswith("SIG") and name in signal.Signals.__members__:
        return -signal.Signals[name]
    if not (name.isascii() and name.isdecimal() and int(name) <= 255):
        raise ValueError(f"found {name!r}, expected exit statuses from 0 to 255, CONFIG or SIGTERM")
    return int(name)
