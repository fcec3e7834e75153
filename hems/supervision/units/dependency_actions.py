"""Act on the dependencies of units: start what a unit needs, and follow the states of others."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from hems.supervision.settings.unit_spec import UnitType
from hems.supervision.units.dependency_decisions import (
    conflicting,
    hold,
    is_imminent,
    obstacle,
    pulled_in,
    stop_obstacle,
)
from hems.supervision.units.unit_phase import ENDING, RESTING, STARTING, UP, UnitPhase
from hems.supervision.units.unit_state_machine import Unit

Units = Mapping[str, Unit]


def start(unit: Unit, units: Units, now: float) -> None:
    """Start `unit` with what it requires and wants, and stop what conflicts with it."""
    for other in pulled_in(unit, units):
        for rival in conflicting(other, units):
            rival.stop(now)
        other.start(now)


def start_at_boot(unit: Unit, units: Units, now: float) -> None:
    """Start what a unit with autostart requires and wants, unless it was stopped on request."""
    for other in pulled_in(unit, units)[1:]:
        if other.phase in RESTING and not other.is_stopped:
            other.start(now)


def trigger(unit: Unit, units: Units, now: float) -> None:
    """Start what OnFailure or OnSuccess names, after `unit` has ended."""
    has_failed = unit.phase is UnitPhase.FAILED
    for name in unit.spec.on_failure if has_failed else unit.spec.on_success:
        if name in units:
            start(units[name], units, now)
            units[name].trigger = unit.monitored()


def is_settled(unit: Unit, now: float) -> bool:
    """Return whether `advance` would do nothing: so it is for most units in most rounds."""
    is_running = unit.phase is UnitPhase.RUNNING and not unit.is_stopped
    return is_running and unit.spec.is_independent and now < unit.deadline


def advance(unit: Unit, units: Units, now: float) -> None:
    """Do what is due by itself, in the light of the other units."""
    is_waiting = unit.phase in {UnitPhase.WAITING, UnitPhase.AUTO_RESTART}
    reason = hold(unit, units)
    unit.advance(
        now,
        obstacle(unit, units) if is_waiting else "",
        reason,
        stop_obstacle(unit, units) if reason or unit.is_stopped else "",
    )
    _uphold(unit, units, now)


def _uphold(unit: Unit, units: Units, now: float) -> None:
    """Start what Upholds names and does not run, while `unit` is up."""
    for name in unit.spec.upholds if unit.is_up else ():
        other = units.get(name)
        if other and other.phase in RESTING and other.may_start(now):
            start(other, units, now)


class StartOutcome(Enum):
    """How far a start on request is."""

    PENDING = "pending"
    UP = "up"
    FAILED = "failed"


def start_outcome(unit: Unit, units: Units) -> StartOutcome:
    """Return how far the start of `unit` is; if it has failed, `start_problem` says why.

    A start of a oneshot is not waited for: it may take very long.
    """
    is_oneshot = unit.spec.type is UnitType.ONESHOT and unit.processes.has_main
    if unit.phase in UP or unit.has_succeeded or is_oneshot:
        return StartOutcome.UP
    is_coming = unit.phase in STARTING or (unit.phase in ENDING and unit.is_held)
    if is_coming or is_imminent(unit, units):
        return StartOutcome.PENDING
    return StartOutcome.FAILED


def start_problem(unit: Unit, units: Units) -> str:
    """Return why a start of `unit` has failed, as things are now."""
    reason = obstacle(unit, units) if unit.phase is UnitPhase.WAITING else unit.reason
    return reason or f"it is {unit.state.value}"
