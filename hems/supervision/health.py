"""The health of every unit: the rows, how they travel by XML-RPC, and how people see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from hems.supervision.ordering import is_blocked
from hems.supervision.phases import Phase
from hems.supervision.units import Unit

_HEADER = ("", "NAME", "TYPE", "STATE", "READY", "PID", "UPTIME", "PING", "RESTARTS", "STATUS")
_UNHEALTHY = frozenset({Phase.FAILED, Phase.AUTO_RESTART})


@dataclass(frozen=True)
class Row:
    """One unit's health. Times are in seconds; None: there is none. `figures` is JSON."""

    name: str
    type: str
    state: str  # systemd's word, see phases.Phase
    reason: str  # why it is in that state
    is_healthy: bool
    is_ready: bool
    status: str
    restarts: int
    restart_reason: str
    figures: str
    pid: int | None = None
    uptime_s: float | None = None
    ping_age_s: float | None = None


def row(unit: Unit, pid: int | None, units: Mapping[str, Unit], now: float) -> Row:
    """Return the health of `unit` at `now`, in monotonic seconds.

    Unhealthy is what is broken and was not stopped on purpose: failed, waiting to be restarted,
    being ended because it hangs, or waiting for a unit that is so.
    """
    is_unhealthy = unit.phase in _UNHEALTHY or unit.is_interrupted or is_blocked(unit, units)
    return Row(
        name=unit.spec.name,
        type=unit.spec.type.value,
        state=unit.phase.value,
        reason=unit.reason,
        is_healthy=not is_unhealthy,
        is_ready=unit.is_up,
        status=unit.status if unit.phase is not Phase.INACTIVE else "",
        restarts=unit.restarts.count,
        restart_reason=unit.restarts.reason,
        figures=unit.figures,
        pid=pid,
        uptime_s=_age(unit.started_at, now),
        ping_age_s=_age(unit.pinged_at if unit.is_running else None, now),
    )


def to_struct(row: Row) -> dict[str, object]:
    """Return what XML-RPC can carry: no None, so what there is none of is left out."""
    return {name: value for name, value in asdict(row).items() if value is not None}


def from_struct(struct: Mapping[str, object]) -> Row:
    """Read what `to_struct` made; fields of a newer version are ignored."""
    known = {field.name for field in fields(Row)}
    return Row(**{name: value for name, value in struct.items() if name in known})  # type: ignore[arg-type]


def as_json(rows: Iterable[Row]) -> str:
    """Return one JSON array; `figures` is an object in it, not text."""
    return json.dumps([{**asdict(row), "figures": json.loads(row.figures)} for row in rows])


def as_report(rows: Iterable[Row], now: float) -> str:
    """Return what hems/protocols/health_report.py reads, written at monotonic `now` (s)."""
    return f'{{"written_at": {now:.3f}, "units": {as_json(rows)}}}'


def as_table(rows: Iterable[Row]) -> str:
    """Return an aligned table, then why units are unhealthy and why they were restarted."""
    listed = list(rows)
    lines = [_HEADER, *(_cells(row) for row in listed)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [_aligned(line, widths) for line in lines]
    complaints = [_complaint(row) for row in listed if not row.is_healthy]
    restarts = [_last_restart(row) for row in listed if row.is_healthy and row.restarts]
    return "\n".join([*table, *complaints, *restarts])


def span(seconds: float | None) -> str:
    """Return a duration in its two largest units: 4s, 3m20s, 5h07m, 2d03h; `-` for None."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        " " if row.is_healthy else "!",
        row.name,
        row.type,
        row.state,
        "yes" if row.is_ready else "no",
        str(row.pid or "-"),
        span(row.uptime_s),
        span(row.ping_age_s),
        str(row.restarts),
        row.status or "-",
    )


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _complaint(row: Row) -> str:
    return f"! {row.name} is {row.state}: {row.reason or 'no reason known'}"


def _last_restart(row: Row) -> str:
    return f"  {row.name} was last restarted after: {row.restart_reason}"


def _age(since: float | None, now: float) -> float | None:
    return None if since is None else round(max(0.0, now - since), 3)
