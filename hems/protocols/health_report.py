"""How every unit is, as supervisord tells it to all workers: one JSON object in a file on tmpfs.

The file ([rpcinterface:hems] health_file) is replaced as a whole every few seconds, so a reader
sees an old report or a new one, never a part. supervisord's socket tells the same and more: who
may open it may stop everything, so it is root's alone, and a worker that only reads needs no root.

{"written_at": CLOCK_MONOTONIC in seconds, "units": [hems.supervision.health.Row, ...]}
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from hems.errors import ProtocolError, Unavailable

FRESH_S = 30.0  # a supervisord that hangs for longer ends itself


class UnitState(StrEnum):
    """Where a unit is in its life: the values of hems.supervision.phases.Phase."""

    INACTIVE = "inactive"
    WAITING = "waiting"
    ACTIVATING = "activating"
    ACTIVE = "active"
    RELOADING = "reloading"
    DEACTIVATING = "deactivating"
    AUTO_RESTART = "auto-restart"
    EXITED = "exited"
    FAILED = "failed"


class UnitHealth(msgspec.Struct, frozen=True):
    """One unit: `reason` is why it is in its state, `figures` what its worker has told (JSON)."""

    name: str
    state: UnitState
    reason: str
    is_healthy: bool
    restarts: int
    restart_reason: str
    figures: msgspec.Raw


class HealthReport(msgspec.Struct, frozen=True):
    """The health of all units at monotonic `written_at` (s)."""

    written_at: float
    units: tuple[UnitHealth, ...]

    def is_fresh(self, now: float) -> bool:
        """Tell whether the report may be believed at monotonic `now` (s).

        One that was written later than now is of an earlier boot.
        """
        return 0 <= now - self.written_at <= FRESH_S


_DECODER = msgspec.json.Decoder(HealthReport)


def decode(data: bytes) -> HealthReport:
    """Return the report in `data`. Raises ProtocolError when it is none."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"not a report of the units' health: {error}") from error


def believed(data: bytes, now: float) -> HealthReport:
    """Return the report in `data` if it may be believed at monotonic `now` (s).

    Raises ProtocolError when it is none, Unavailable when it is old.
    """
    report = decode(data)
    if not report.is_fresh(now):
        raise Unavailable("the report is old")
    return report
