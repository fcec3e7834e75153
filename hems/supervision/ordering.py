"""After= and Requires=: which unit waits for which.

After only orders the first start: it waits until the other's first start has come to an end, good
or bad. Requires also needs the other to be up (a oneshot: to have exited with success); a start on
request starts the other too, and a stop on request of the other stops the unit, which comes back by
itself when the other does.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from hems.errors import ConfigError
from hems.supervision.phases import Phase
from hems.supervision.spec import UnitSpec
from hems.supervision.units import Unit

_RESTING = frozenset({Phase.INACTIVE, Phase.EXITED, Phase.FAILED})
_STARTING = frozenset({Phase.WAITING, Phase.ACTIVATING})
_BROKEN = frozenset({Phase.FAILED, Phase.AUTO_RESTART})


def check(name: str, specs: Mapping[str, UnitSpec]) -> None:
    """Raise ConfigError when `name` waits for an unknown unit, or for itself through others."""
    for other in _awaited(specs[name]):
        if other not in specs:
            near = difflib.get_close_matches(other, specs, 1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise ConfigError(f"[program:{name}] UNIT: waits for unknown unit {other!r}{hint}")
    if circle := _path(name, name, specs, frozenset()):
        raise ConfigError(
            f"[program:{name}] UNIT: After and Requires form a circle: {' > '.join(circle)}"
        )


def obstacle(spec: UnitSpec, units: Mapping[str, Unit]) -> str:
    """Return what a start of `spec` has to wait for, or nothing."""
    for name in spec.requires:
        if name not in units:
            return f"requires {name}, which was removed"
        if not units[name].is_up:
            return f"requires {name}, which is {units[name].phase.value}"
    for name in spec.after:
        if name in units and not _has_settled(units[name], units):
            return f"after {name}, which is {units[name].phase.value}"
    return ""


def hold(spec: UnitSpec, units: Mapping[str, Unit]) -> str:
    """Return which requirement of `spec`, direct or not, was stopped on request, or nothing."""
    stopped = [unit.spec.name for unit in _required(spec, units) if unit.is_stopped]
    return f"requires {stopped[0]}, which was stopped" if stopped else ""


def pulled_in(unit: Unit, units: Mapping[str, Unit]) -> list[Unit]:
    """Return what a start of `unit` on request starts: itself and what it requires and lacks."""
    missing = _required(unit.spec, units, is_missing=True)
    return [unit, *(other for other in missing if other.phase in _RESTING)]


def is_blocked(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Tell whether `unit` waits for something that is broken, not just slow or stopped."""
    missing = _required(unit.spec, units, is_missing=True)
    return unit.phase is Phase.WAITING and any(other.phase in _BROKEN for other in missing)


def is_imminent(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Tell whether `unit` waits only for what is starting, so that it will start by itself soon."""
    missing = _required(unit.spec, units, is_missing=True)
    return unit.phase is Phase.WAITING and all(other.phase in _STARTING for other in missing)


def _has_settled(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Tell whether the first start has ended, or will not even begin."""
    candidates = [unit]
    if unit.phase is Phase.WAITING:
        candidates += _required(unit.spec, units, is_missing=True)
    return any(one.has_settled or one.phase is Phase.INACTIVE for one in candidates)


def _required(spec: UnitSpec, units: Mapping[str, Unit], *, is_missing: bool = False) -> list[Unit]:
    """Return what `spec` requires, directly or not; with `is_missing` only what is not up.

    Each unit once: while an update replaces units one by one, old and new can form a circle.
    """
    found: dict[str, Unit] = {}
    names = list(spec.requires)
    while names:
        name = names.pop()
        if name in units and name not in found and not (is_missing and units[name].is_up):
            found[name] = units[name]
            names += units[name].spec.requires
    return list(found.values())


def _awaited(spec: UnitSpec) -> Iterator[str]:
    yield from spec.requires
    yield from spec.after


def _path(
    start: str, goal: str, specs: Mapping[str, UnitSpec], seen: frozenset[str]
) -> list[str] | None:
    """Return the names on a way from `start` to `goal`, both included, of at least one step."""
    for other in _awaited(specs[start]) if start in specs else ():
        if other == goal:
            return [start, goal]
        if other not in seen and (way := _path(other, goal, specs, seen | {other})):
            return [start, *way]
    return None
