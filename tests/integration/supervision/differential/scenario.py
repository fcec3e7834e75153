"""A scenario: unit files, what is asked of the manager, and the states of the units."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PEER = f"{sys.executable} -IS {Path(__file__).with_name('peer.py')}"

BY_REQUEST = "After a stop on request a unit is inactive"  # lines of general_systemd_differences.py
SAME_PHASE = "What is left of a unit"


@dataclass(frozen=True)
class Unlike:
    """What the library does otherwise: its states, and the rows that say so.

    A row is the name of a directive whose row in its table has an `unlike`, or the beginning of a
    line in dev/documents/general_systemd_differences.py.
    """

    rows: tuple[str, ...]
    states: Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """`units` has the [Service] section of each unit; those of [Unit] are recognised by name.

    In it {peer} is peer.py, {b} the unit b of the scenario, {file} a file that does not exist.
    `actions` are lines such as "start a",
    "stop a", "restart a", "reload a", "reset-failed a", "signal a KILL" (its main process) and
    "until a running 2" (it has been so twice). `states` are those of each unit under systemd, from
    the first one after dead.
    """

    name: str
    units: Mapping[str, str]
    actions: tuple[str, ...]
    states: Mapping[str, str]
    unlike: Unlike | None = None
    since: int = 252  # the first version of systemd that knows what is used

    def lines(self, unit: str, suffix: str, folder: Path) -> list[str]:
        """Return the lines of a unit, in which other units have their full names."""
        names = {other: f"{self.full_name(other)}{suffix}" for other in self.units}
        text = self.units[unit].format(peer=PEER, file=folder / self.name, **names)
        return text.splitlines()

    def full_name(self, unit: str) -> str:
        return f"{self.name}.{unit}"

    def expected(self, *, is_library: bool) -> dict[str, list[str]]:
        """Return the states of each unit."""
        own = self.unlike.states if is_library and self.unlike else {}
        return {unit: {**self.states, **own}[unit].split() for unit in self.units}


def one(
    name: str,
    text: str,
    states: str,
    *actions: str,
    unlike: tuple[str, str] | None = None,
    since: int = 252,
) -> Scenario:
    """Return a scenario of one unit `a`, which is started first; `unlike` has a row and states."""
    other = Unlike((unlike[0],), {"a": unlike[1]}) if unlike else None
    return Scenario(name, {"a": text}, ("start a", *actions), {"a": states}, other, since)
