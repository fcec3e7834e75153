"""The problems of a unit that supervision itself sees: failed, stopped by hand, restarts in a loop.

Their names are part of the library's interface; a table of kinds may give them texts and patience.
"""

from __future__ import annotations

from collections.abc import Iterator

from hems.supervision.units.unit_phase import HealthState
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.problem import ReportedProblem

FAILED, STOPPED, RESTARTING = "unit-failed", "unit-stopped", "unit-restarting"
SEEN_HERE = frozenset({FAILED, STOPPED, RESTARTING})


def observed_problems(unit: Unit, now: float) -> Iterator[ReportedProblem]:
    """Yield the problem of `unit` at monotonic `now` (s), if it has one."""
    name = unit.spec.name
    if unit.state is HealthState.FAILED:
        status = f"; its last status: {unit.status}" if unit.status else ""
        yield ReportedProblem(FAILED, name, f"{unit.reason}{status}")
    elif unit.state is HealthState.INACTIVE:
        if unit.spec.is_autostarted:
            yield ReportedProblem(STOPPED, name, "it was stopped by hand")
    elif unit.state is not HealthState.EXITED and unit.starts.is_loop(now, unit.started_at):
        yield ReportedProblem(RESTARTING, name, f"the last time: {unit.starts.reason}")
