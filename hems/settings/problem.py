"""What is wrong with the settings, and which part of them it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hems.errors import ConfigError

FILE = "hems.toml"  # the part of what spoils the whole file
NOBODYS = ""  # the part of what no worker reads: an unknown section or variable


@dataclass(frozen=True)
class Problem:
    """`part` is a section's name, a secret's variable, FILE or NOBODYS; `text` shows no secret."""

    part: str
    text: str


def refuse(problems: Sequence[Problem]) -> None:
    """Raise ConfigError that lists every problem, a line each, when there are any."""
    if problems:
        count = len(problems)
        title = f"{count} problem{'s' if count > 1 else ''} with the settings:"
        raise ConfigError("\n  ".join([title, *(one.text for one in problems)]))
