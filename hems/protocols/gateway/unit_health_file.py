"""Read the health of every unit, which supervisord writes for all workers: JSON in a file.

The file is [rpcinterface:supervision] health_file. supervisord's socket offers the same and
more, but a process that may open it may stop everything, so only root may. A worker that only reads
needs no root.

{"written_at": CLOCK_MONOTONIC in seconds, "units": [a HealthRow of health_row.py, ...]}
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hems.errors import ProtocolError
from hems.protocols.gateway.report_decoder import ReportDecoder
from hems.protocols.json_decoding import decode_json
from hems.supervision.units.unit_phase import HealthState

VALID_S = 30.0  # a supervisord that hangs for longer ends itself
T = TypeVar("T")


class GatewayProblem(msgspec.Struct, frozen=True):
    """A problem that a person has to know: hems.supervision.health.problem_list.ListedProblem."""

    name: str
    subject: str
    title: str
    since: str  # ISO 8601 in UTC
    found: str
    what_to_do: str
    who: str
    began_at: float  # monotonic s


class UnitHealth(msgspec.Struct, frozen=True):
    """One unit: `reason` explains its state, `metrics` is what its worker has published (JSON).

    `problems` are those that its worker reports, and that it has failed or was stopped.
    """

    name: str
    state: HealthState
    reason: str
    is_healthy: bool
    restarts: int
    restart_reason: str
    metrics: msgspec.Raw
    problems: tuple[GatewayProblem, ...] = ()


class HealthReport(msgspec.Struct, frozen=True):
    """The health of all units at monotonic `written_at` (s)."""

    written_at: float
    units: tuple[UnitHealth, ...]

    @property
    def valid_s(self) -> float:
        return VALID_S

    @property
    def problems(self) -> list[GatewayProblem]:
        """Return the problems of the whole gateway, the oldest first."""
        problems = [problem for unit in self.units for problem in unit.problems]
        return sorted(problems, key=lambda problem: problem.began_at)

    def is_active(self, name: str) -> bool:
        """Return whether the unit `name` runs and has reported that it is ready."""
        return any(unit.name == name and unit.state is HealthState.ACTIVE for unit in self.units)

    def metrics(self, name: str, kind: type[T]) -> T | None:
        """Return the metrics of the worker `name` as a `kind`.

        None when it has not published any yet, or those of a version that `kind` does not fit.
        """
        for unit in self.units:
            if unit.name == name:
                try:
                    return decode_json(bytes(unit.metrics), kind, name)
                except ProtocolError:
                    break
        return None


_DECODER = ReportDecoder(HealthReport, "supervisord's health report")
decode, fresh = _DECODER.decode, _DECODER.fresh
