"""supervisord runs, and its units are well."""

from __future__ import annotations

import time
from pathlib import Path

from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import ProtocolError, Unavailable
from hems.protocols import health_report
from hems.protocols.health_report import HealthReport, UnitHealth, UnitState
from hems.settings import Settings

START = "restart the service hems in balena's dashboard; on a desk: python3 bin/up"


def look(settings: Settings) -> list[Finding]:
    try:
        told = report(Path(settings.telemetry.health_file), time.monotonic())
    except Unavailable as error:
        return [failed(str(error), "a report of the last seconds", START)]
    return judged(told, settings.logs.directory)


def report(path: Path, now: float) -> HealthReport:
    """Return what supervisord has told. Raises Unavailable when that is not of now."""
    try:
        told = health_report.decode(path.read_bytes())
    except OSError as error:
        raise Unavailable(f"supervisord does not run: {path}: {error.strerror}") from None
    except ProtocolError as error:
        raise Unavailable(f"supervisord does not tell how its units are: {error}") from None
    if not told.is_fresh(now):
        raise Unavailable(f"supervisord is dead or hangs: {path} is not of now")
    return told


def judged(told: HealthReport, logs: str) -> list[Finding]:
    """Return what is wrong with each unit, else that all are well."""
    found = [finding for unit in told.units for finding in _unit(unit, logs)]
    return found or [ok(f"all {len(told.units)} are well")]


def _unit(unit: UnitHealth, logs: str) -> list[Finding]:
    read = f"read why: tail {logs}/{unit.name}.log"
    if not unit.is_healthy:
        why = unit.reason or unit.restart_reason
        return [failed(f"{unit.name} is {unit.state.value}: {why}", "active", read)]
    if unit.state is UnitState.INACTIVE:
        return [note(f"{unit.name} was stopped", f"supervisorctl start {unit.name}")]
    if unit.restarts:
        times = f"{unit.restarts} time{'s' if unit.restarts > 1 else ''}"
        return [note(f"{unit.name} was restarted {times}: {unit.restart_reason}", read)]
    return []
