"""The transitions of a unit as a table: in which phase which event leads to which phase.

The documentation's diagram is generated from these rows (dev/documents/unit_state_diagram.py). A
phase in which a unit has nothing to do is left at once with DONE (unit_processes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from hems.supervision.units.unit_phase import CLOSING, RELOADING, RESTING, STARTING, UP, UnitPhase


class UnitEvent(Enum):
    """What happens to a unit."""

    START = "start"  # on request, or the delay before a restart is over
    ADMITTED = "admitted"  # nothing is an obstacle, and the start limit allows it
    REFUSED = "refused"  # by the start limit, or because its directives are wrong
    DONE = "done"  # the work of the phase has succeeded
    ENDED = "main process ended"  # with success
    REMAINS = "main process ended, RemainAfterExit"  # with success
    BROKEN = "failure"  # a process failed, so what is left of it ends
    STOP = "stop"  # on request, or RuntimeMaxSec
    STOPPING = "STOPPING=1"
    TERMINATE = "time-out"
    ABORT = "watchdog or time-out, abort"
    KILL = "time-out, kill"
    RELOAD = "reload"
    RELOAD_BY_SIGNAL = "reload, Type=notify-reload"
    RELOADING = "RELOADING=1"
    SUCCEEDED = "success"
    FAILED = "failed"
    RESTART = "restart"
    RESET = "reset-failed"


class IllegalTransition(Exception):
    """An event that cannot happen in this phase: a mistake in the state machine."""


P, E = UnitPhase, UnitEvent
_ALIVE = STARTING | RELOADING | {P.RUNNING}
_TIMED = STARTING | {P.STOP}

ROWS: tuple[tuple[frozenset[UnitPhase], UnitEvent, UnitPhase], ...] = (
    (RESTING | {P.AUTO_RESTART}, E.START, P.WAITING),
    (frozenset({P.WAITING}), E.ADMITTED, P.CONDITION),
    (frozenset({P.CONDITION}), E.DONE, P.START_PRE),
    (frozenset({P.START_PRE}), E.DONE, P.START),
    (frozenset({P.START}), E.DONE, P.START_POST),
    (frozenset({P.START_POST}) | RELOADING, E.DONE, P.RUNNING),
    (frozenset({P.RUNNING}), E.RELOAD, P.RELOAD),
    (frozenset({P.RUNNING}), E.RELOAD_BY_SIGNAL, P.RELOAD_SIGNAL),
    (frozenset({P.RUNNING, P.RELOAD_SIGNAL}), E.RELOADING, P.RELOAD_NOTIFY),
    (_ALIVE - {P.CONDITION, P.START_PRE, P.START}, E.ENDED, P.STOP),
    (_ALIVE - {P.CONDITION, P.START_PRE, P.START}, E.REMAINS, P.EXITED),
    (frozenset({P.STOP_SIGTERM}), E.REMAINS, P.EXITED),  # other processes had to be ended
    (_ALIVE, E.BROKEN, P.STOP_SIGTERM),
    (STARTING | {P.RELOAD}, E.STOP, P.STOP_SIGTERM),
    (UP - {P.RELOAD}, E.STOP, P.STOP),
    (RELOADING | {P.RUNNING}, E.STOPPING, P.STOP_SIGTERM),
    (_TIMED, E.TERMINATE, P.STOP_SIGTERM),
    (_ALIVE | {P.STOP, P.STOP_SIGTERM}, E.ABORT, P.STOP_WATCHDOG),
    (_TIMED | {P.STOP_SIGTERM, P.STOP_WATCHDOG}, E.KILL, P.STOP_SIGKILL),
    (frozenset({P.STOP}), E.DONE, P.STOP_SIGTERM),
    (frozenset({P.STOP_WATCHDOG, P.STOP_SIGTERM, P.STOP_SIGKILL}), E.DONE, P.STOP_POST),
    (frozenset({P.STOP_POST}), E.TERMINATE, P.FINAL_SIGTERM),
    (frozenset({P.STOP_POST, P.FINAL_SIGTERM}), E.ABORT, P.FINAL_WATCHDOG),
    (CLOSING - {P.FINAL_SIGKILL}, E.KILL, P.FINAL_SIGKILL),
    (CLOSING, E.SUCCEEDED, P.DEAD),
    (CLOSING, E.FAILED, P.FAILED),
    (CLOSING, E.RESTART, P.AUTO_RESTART),
    (CLOSING, E.START, P.WAITING),
    (frozenset({P.WAITING, P.AUTO_RESTART}), E.STOP, P.DEAD),
    (frozenset({P.WAITING}), E.REFUSED, P.FAILED),
    (frozenset({P.FAILED}), E.RESET, P.DEAD),
)

TRANSITIONS: Mapping[tuple[UnitPhase, UnitEvent], UnitPhase] = {
    (phase, event): target for phases, event, target in ROWS for phase in phases
}


def target(phase: UnitPhase, event: UnitEvent) -> UnitPhase:
    """Return the phase that follows. Raises IllegalTransition."""
    try:
        return TRANSITIONS[phase, event]
    except KeyError:
        raise IllegalTransition(f"{event.value!r} cannot happen in {phase.value!r}") from None
