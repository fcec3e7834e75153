"""Decide which unit waits for which other unit, and what a start or a stop takes along.

After= orders the first start only: the unit waits until the first start of the other has ended,
with success or not. Requires= and BindsTo= also need the other to be up (a oneshot: to have exited
with success). A stop takes along what requires the unit or is part of it, and these units start
again when the other is up again. What is to stop stops in the reverse order of After=.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units.dependency_validation import awaited
from hems.supervision.units.unit_phase import ENDING, RESTING, STARTING, HealthState, UnitPhase
from hems.supervision.units.unit_state_machine import Unit

_STARTING = STARTING | {UnitPhase.WAITING}
_STARTABLE = RESTING | {UnitPhase.AUTO_RESTART}
_BROKEN = frozenset({UnitPhase.FAILED, UnitPhase.AUTO_RESTART})


def obstacle(unit: Unit, units: Mapping[str, Unit]) -> str:
    """Return what a start of `unit` has to wait for, empty if nothing."""
    spec = unit.spec
    for name in (*spec.requires, *spec.binds_to):
        if name not in units:
            return f"requires {name}, which was removed"
        if lack := _lack(units[name]):
            return f"requires {name}, which {lack}"
    for name in spec.conflicts:
        if name in units and units[name].is_running:
            return f"conflicts with {name}, which is {units[name].state.value}"
    for name in spec.after:
        if name in units and not _has_settled(units[name], units):
            return f"after {name}, which is {units[name].state.value}"
    return _part_of_stopped(unit, units)


def hold(unit: Unit, units: Mapping[str, Unit]) -> str:
    """Return why `unit` has to stop: what it requires was stopped, or it is bound to a unit."""
    for name in unit.spec.binds_to:
        if name in units and not units[name].is_up:
            return f"bound to {name}, which is {units[name].state.value}"
    stopped = [other.spec.name for other in _required(unit.spec, units) if other.is_stopped]
    if stopped:
        return f"requires {stopped[0]}, which was stopped"
    return _part_of_stopped(unit, units)


def stop_obstacle(unit: Unit, units: Mapping[str, Unit]) -> str:
    """Return which unit has to stop before `unit`: it comes After it, and is to stop too.

    While an update replaces units one by one, each of two may come after the other: none waits.
    """
    if unit.phase in RESTING or unit.phase in ENDING:
        return ""
    name, earlier = unit.spec.name, frozenset(awaited(unit.spec))
    for other in units.values():
        is_later = other.is_running and name in awaited(other.spec)
        if is_later and other.spec.name not in earlier and _is_stopping(other, units):
            return f"before it, {other.spec.name} stops"
    return ""


def pulled_in(unit: Unit, units: Mapping[str, Unit]) -> list[Unit]:
    """Return the units that a start of `unit` starts: it, what it requires and what it wants."""
    pulled, names = {unit.spec.name: unit}, list(_needs(unit.spec))
    while names:
        name = names.pop(0)
        if name in units and name not in pulled and not units[name].is_up:
            pulled[name] = units[name]
            names += _needs(units[name].spec)
    others = list(pulled.values())[1:]
    return [unit, *(other for other in others if other.phase in _STARTABLE)]


def conflicting(unit: Unit, units: Mapping[str, Unit]) -> list[Unit]:
    """Return the units that a start of `unit` on request stops."""
    named = set(unit.spec.conflicts)
    return [
        other
        for name, other in units.items()
        if name in named or unit.spec.name in other.spec.conflicts
    ]


def is_blocked(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Return whether `unit` waits for a unit that is broken, not just slow or stopped."""
    missing = _required(unit.spec, units, is_missing=True)
    return unit.phase is UnitPhase.WAITING and any(other.phase in _BROKEN for other in missing)


def is_imminent(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Return whether `unit` waits only for units that are starting, and so will start soon."""
    missing = _required(unit.spec, units, is_missing=True)
    return unit.phase is UnitPhase.WAITING and all(other.phase in _STARTING for other in missing)


def _lack(unit: Unit) -> str:
    """Return why a unit that requires this one may not start, empty if it may."""
    if unit.is_stopped and unit.is_running:
        return "is about to stop"
    return "" if unit.is_up else f"is {unit.state.value}"


def _needs(spec: UnitSpec) -> Iterator[str]:
    yield from spec.requires
    yield from spec.binds_to
    yield from spec.wants


def _part_of_stopped(unit: Unit, units: Mapping[str, Unit]) -> str:
    """Return which unit, of which this one is a part, was stopped since this one was started."""
    for name in unit.spec.part_of:
        whole = units.get(name)
        if whole and whole.is_stopped and whole.requested_at >= unit.requested_at:
            return f"part of {name}, which was stopped"
    return ""


def _is_stopping(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Return whether a stop of `unit` was requested, or follows from that of another unit."""
    if unit.phase in ENDING:
        return unit.is_stopped or unit.is_held
    return unit.is_running and (unit.is_stopped or bool(hold(unit, units)))


def _has_settled(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Return whether the first start has ended or will never begin."""
    candidates = [unit]
    if unit.phase is UnitPhase.WAITING:
        candidates += _required(unit.spec, units, is_missing=True)
    return any(other.has_settled or other.state is HealthState.INACTIVE for other in candidates)


def _required(spec: UnitSpec, units: Mapping[str, Unit], *, is_missing: bool = False) -> list[Unit]:
    """Return the units that `spec` requires, directly or not; with `is_missing` those not up.

    Visit each unit once: while an update replaces units one by one, old and new may form a cycle.
    """
    required: dict[str, Unit] = {}
    names = [*spec.requires, *spec.binds_to]
    while names:
        name = names.pop()
        if name in units and name not in required and not (is_missing and units[name].is_up):
            required[name] = units[name]
            names += (*units[name].spec.requires, *units[name].spec.binds_to)
    return list(required.values())
