"""What supervisord and its log say about a unit: the state of its process, and a line."""

from __future__ import annotations

from collections.abc import Mapping

from supervisor.states import RUNNING_STATES, ProcessStates

from hems.supervision.settings.unit_spec import UnitType
from hems.supervision.units import dependency_decisions
from hems.supervision.units.unit_phase import (
    ENDING,
    RELOADING,
    STARTING,
    HealthState,
    UnitPhase,
)
from hems.supervision.units.unit_state_machine import Unit

P = UnitPhase
_STATES = {
    P.DEAD: ProcessStates.STOPPED,
    P.WAITING: ProcessStates.BACKOFF,  # or STARTING if it will start soon
    **dict.fromkeys(STARTING, ProcessStates.STARTING),
    **dict.fromkeys(RELOADING | {P.RUNNING}, ProcessStates.RUNNING),
    P.EXITED: ProcessStates.RUNNING,  # it is up, and so has to be stopped
    P.FAILED: ProcessStates.FATAL,
    P.AUTO_RESTART: ProcessStates.BACKOFF,
}
STATES_WITH_REASON = frozenset({ProcessStates.BACKOFF, ProcessStates.FATAL})


def process_state(unit: Unit, units: Mapping[str, Unit], current: int, pid: int) -> int:
    """Return supervisord's state for the unit's phase; `current` is the one before."""
    if unit.phase is P.WAITING and dependency_decisions.is_imminent(unit, units):
        return int(ProcessStates.STARTING)  # `supervisorctl start` waits for it
    if unit.phase in STARTING and unit.spec.type is UnitType.ONESHOT:
        return int(ProcessStates.RUNNING)  # `supervisorctl start` does not wait for its end
    if unit.phase in ENDING:  # to supervisord, a process stops on request only
        return int(ProcessStates.STOPPING) if unit.is_stopped else _still_to_stop(current, pid)
    if unit.has_succeeded:
        return int(ProcessStates.EXITED)
    return int(_STATES[unit.phase])


def _still_to_stop(current: int, pid: int) -> int:
    """Return a state in which supervisord accepts a stop: it calls off the start that follows."""
    if current in RUNNING_STATES:
        return current
    return int(ProcessStates.RUNNING if pid else ProcessStates.BACKOFF)


def log_line(unit: Unit) -> tuple[str, str] | None:
    """Return the level and the text for the unit's phase, None if it is no news."""
    text = f"{unit.state.value}: {unit.reason}" if unit.reason else unit.state.value
    if unit.phase is P.FAILED or unit.is_interrupted:
        return "error", text
    if unit.phase is P.AUTO_RESTART:
        return "warn", text
    if unit.reason or unit.state is HealthState.ACTIVE:
        return "info", text
    return None
