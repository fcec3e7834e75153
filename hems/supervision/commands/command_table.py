"""The commands that the plugin adds to supervisorctl: a row for each.

The help, the check of the arguments and the completion of the shell follow from the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class WrongUsage(Exception):
    """The arguments of a command are wrong; the text says how."""


class Command(NamedTuple):
    """One command. `units` is how many it takes at least and at most `of` units or files.

    An option that ends with = has a value, and may occur several times.
    """

    name: str
    units: tuple[int, int]
    purpose: str
    options: tuple[str, ...] = ()
    of: str = "UNIT"

    @property
    def usage(self) -> str:
        options = [f"[{one}{'NAME' if one.endswith('=') else ''}]" for one in self.options]
        least, most = self.units
        unit = f"{self.of}..." if most > 1 else self.of
        units = [] if not most else [unit if least else f"[{unit}]"]
        return " ".join([self.name, *options, *units])


class Arguments(NamedTuple):
    """What was typed: the values of each option, and the names of units."""

    options: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...]

    def has(self, option: str) -> bool:
        return option in self.options


MANY = 10_000
COMMANDS = (
    Command("health", (0, MANY), "the health of units; exit 3 if one is unhealthy", ("--json",)),
    Command("show", (1, MANY), "properties by systemd's names", ("--property=",)),
    Command("cat", (1, MANY), "the unit's settings in the configuration file, without secrets"),
    Command(
        "list-dependencies",
        (0, 1),
        "what a unit needs or comes after, as a tree; --reverse: what needs it",
        ("--reverse",),
    ),
    Command("blame", (0, 0), "how long each unit took to start, longest first"),
    Command("critical-chain", (0, 1), "the units that a start had to wait for, one after another"),
    Command("is-active", (1, MANY), "exit 0 if a unit is active, 3 if none is"),
    Command("is-failed", (1, MANY), "exit 0 if a unit has failed, 1 if none has"),
    Command("monitor", (0, MANY), "changes of state as they happen, until Ctrl-C", ("--json",)),
    Command("reload-unit", (1, 1), "let a unit reload its configuration"),
    Command("reset-failed", (1, 1), "forget failures and past starts of a unit, or of all"),
    Command(
        "verify",
        (0, MANY),
        "the mistakes in a configuration file; default: supervisorctl's",
        of="FILE",
    ),
)


def parse(command: Command, text: str) -> Arguments:
    """Return the arguments in `text`. Raises WrongUsage."""
    options: dict[str, tuple[str, ...]] = {}
    names = []
    for word in text.split():
        if not word.startswith("-"):
            names.append(word)
            continue
        name, has_value, value = word.partition("=")
        if (option := name + has_value) not in command.options:
            known = "no option" if not command.options else command.usage
            raise WrongUsage(f"found {word}, expected {known}")
        options[option] = (*options.get(option, ()), *value.split(","))
    least, most = command.units
    if not least <= len(names) <= most:
        what = f"no {command.of.lower()}" if not names else " ".join(names)
        raise WrongUsage(f"found {what}, expected {command.usage}")
    return Arguments(options, tuple(names))
