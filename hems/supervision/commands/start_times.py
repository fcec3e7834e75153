"""How long units took to start, as `systemd-analyze blame` and `critical-chain` print it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

Properties = Mapping[str, Mapping[str, str]]
_AWAITED = ("Requires", "BindsTo", "After")


class StartTime(NamedTuple):
    """The last start of a unit, in monotonic seconds: its process began, and the unit was up."""

    name: str
    began_at: float
    up_at: float

    @property
    def took_s(self) -> float:
        return self.up_at - self.began_at


def blame(units: Properties) -> str:
    """Return a line for each unit that has started, longest first."""
    starts = sorted(_starts(units).values(), key=lambda one: (-one.took_s, one.name))
    return "\n".join(f"{f'{one.took_s:.3f}s':>10} {one.name}" for one in starts)


def critical_chain(units: Properties, name: str = "") -> str:
    """Return the chain of units before `name`, or before the one that was up last.

    Each line says when a unit was up (@, since the first start) and how long its start took (+).
    """
    starts = _starts(units)
    if not name and starts:
        name = max(starts.values(), key=lambda one: one.up_at).name
    first = min((one.began_at for one in starts.values()), default=0.0)
    lines = []
    for depth, one in enumerate(_chain(units, starts, name)):
        branch = f"{'  ' * (depth - 1)}└─" if depth else ""
        lines.append(f"{branch}{one.name} @{one.up_at - first:.3f}s +{one.took_s:.3f}s")
    return "\n".join(lines)


def _chain(units: Properties, starts: Mapping[str, StartTime], name: str) -> Iterator[StartTime]:
    """Yield a unit's start and before it, again and again, that which it waited for longest."""
    current = starts.get(name)
    while current:
        yield current
        awaited = {other for kind in _AWAITED for other in units[current.name][kind].split()}
        earlier = [
            starts[other]
            for other in awaited
            if other in starts and starts[other].up_at <= current.up_at
        ]
        current = max(earlier, key=lambda one: one.up_at, default=None)


def _starts(units: Properties) -> dict[str, StartTime]:
    starts = {}
    for name, unit in units.items():
        began_at = _time(unit, "InactiveExit")
        ends = [_time(unit, "ActiveEnter")]
        if unit["Type"] == "oneshot" and unit["Result"] == "success":
            ends.append(_time(unit, "InactiveEnter"))
        up_at = next((end for end in ends if end and end >= began_at), 0.0)
        if began_at and up_at:
            starts[name] = StartTime(name, began_at, up_at)
    return starts


def _time(unit: Mapping[str, str], name: str) -> float:
    return int(unit[f"{name}TimestampMonotonic"]) / 1e6
