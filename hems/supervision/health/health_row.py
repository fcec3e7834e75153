"""The health of one unit: what supervisorctl, the health file and the list of problems share."""

# NamedTuple would compile and keep the annotations if they were texts: no __future__ import here.

import math
from collections.abc import Mapping
from typing import NamedTuple

from hems.supervision.health.problem_list import ListedProblem
from hems.supervision.settings.unit_spec import NOTIFYING
from hems.supervision.units.dependency_decisions import is_blocked
from hems.supervision.units.unit_deadlines import NO_READY
from hems.supervision.units.unit_phase import HealthState, UnitPhase
from hems.supervision.units.unit_state_machine import Unit

_UNHEALTHY = frozenset({HealthState.FAILED, HealthState.AUTO_RESTART})


class HealthRow(NamedTuple):
    """One unit's health. Times are monotonic seconds, as systemd's ActiveEnterTimestampMonotonic.

    A time is None if there is no such time. `metrics` is JSON in ASCII.
    """

    name: str
    type: str
    state: str  # systemd's word, see unit_phase.HealthState
    reason: str  # why it is in that state
    is_healthy: bool
    is_ready: bool
    status: str
    restarts: int
    restart_reason: str
    metrics: str
    problems: tuple[ListedProblem, ...] = ()
    pid: int | None = None
    started_at: float | None = None
    pinged_at: float | None = None


def row(
    unit: Unit,
    pid: int | None,
    units: Mapping[str, Unit],
    problems: tuple[ListedProblem, ...],
) -> HealthRow:
    """Return the health of `unit`, with its `problems`.

    A unit is unhealthy if it has failed, waits for a restart, hangs and is being ended, or waits
    for a required unit that has failed or waits for a restart. One stopped on request is healthy.
    """
    is_unhealthy = unit.state in _UNHEALTHY or unit.is_interrupted or is_blocked(unit, units)
    return HealthRow(
        name=unit.spec.name,
        type=unit.spec.type.value,
        state=unit.state.value,
        reason=unit.reason or _awaited(unit),
        is_healthy=not is_unhealthy,
        is_ready=unit.is_up,
        status=unit.status if unit.state is not HealthState.INACTIVE else "",
        restarts=unit.starts.restarts,
        restart_reason=unit.starts.reason,
        metrics=unit.metrics,
        problems=problems,
        pid=pid,
        started_at=unit.started_at,
        pinged_at=unit.pinged_at if unit.is_running else None,
    )


def _awaited(unit: Unit) -> str:
    """Return what the start of a unit waits for, empty if it is not waiting for a notification."""
    if unit.phase is not UnitPhase.START or unit.spec.type not in NOTIFYING:
        return ""
    limit_s = unit.spec.start_timeout_s
    end = f"; the start fails after {limit_s:.3g} s (TimeoutStartSec)"
    expected = f", which Type={unit.spec.type.value} expects"
    return NO_READY + expected + (end if math.isfinite(limit_s) else "")
