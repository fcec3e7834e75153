"""Say in plain lines how the units are: what has changed, what is wrong, which frames were refused.

The metrics of eesmart-d2l are described in hems/workers/eesmart_d2l/d2l_metrics.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from hems.supervision.health.health_row import HealthRow
from hems.supervision.units.unit_phase import HealthState

STATES = {
    HealthState.AUTO_RESTART.value: "restarts",
    HealthState.FAILED.value: "has failed",
}


def changes(before: HealthRow | None, now: HealthRow) -> list[str]:
    """Return what a person should know of one unit since `before`, None at the first look."""
    restarts = before.restarts if before else 0
    lines = []
    if now.restarts > restarts:
        lines.append(f"{now.name}: restart {now.restarts}: {now.restart_reason}")
    if now.is_ready and not (before and before.is_ready and now.restarts == restarts):
        lines.append(f"{now.name} is ready")
    if _is_ill(now) and not (before and problem(before) == problem(now)):
        lines.append(problem(now))
    return lines


def problem(row: HealthRow) -> str:
    """Return the state of a unit that is not ready, and the reason."""
    reason = row.reason or row.restart_reason
    return f"{row.name} {STATES.get(row.state, f'is {row.state}')}" + (
        f": {reason}" if reason else ""
    )


def problems(rows: Sequence[HealthRow]) -> list[str]:
    """Return a line for each unit that is neither ready nor about to be."""
    return [
        problem(row)
        for row in rows
        if not row.is_ready and not (row.is_healthy and row.state == HealthState.ACTIVATING.value)
    ]


def refused_frames(rows: Iterable[HealthRow]) -> str:
    """Return how many frames were refused and why, empty while the worker publishes nothing."""
    for row in rows:
        if row.name == "eesmart-d2l" and "refused" in (metrics := json.loads(row.metrics)):
            counts: dict[str, int] = metrics["refused"]
            reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(counts.items()))
            total = f"frames: {metrics['frames']} accepted, {sum(counts.values())} refused"
            return f"{total} ({reasons})" if reasons else total
    return ""


def _is_ill(row: HealthRow) -> bool:
    return not (row.is_ready or row.is_healthy)
