"""The health of all units as a table for people."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.problem_list import ListedProblem
from hems.supervision.processes.resource_usage import ResourceUsage
from hems.supervision.units.unit_phase import HealthState
from hems.supervision.units.unit_state_problems import FAILED, RESTARTING

_COLUMNS = "NAME STATE PID UPTIME PING RESTARTS CPU MEMORY STATUS"
_HEADER = ("", *_COLUMNS.split())
_INDENT = " " * 5
_TELLING = {HealthState.FAILED.value: FAILED, HealthState.AUTO_RESTART.value: RESTARTING}
_STARTING = HealthState.ACTIVATING.value


def terminal_width() -> int | None:
    """Return the columns of the terminal at stdout, None if stdout is something else."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def as_table(
    rows: Iterable[HealthRow],
    width: int | None,
    now: float,
    usages: Mapping[str, ResourceUsage],
) -> str:
    """Return an aligned table, the reasons of bad health, starts and restarts, and the problems.

    A reason that a problem tells is not repeated.

    Ages are those at monotonic `now` (s), `usages` those of the units' processes by their names.
    Where `width` columns are too few, each unit's status is below its row. None: no limit.
    """
    all_rows = list(rows)
    lines = [_HEADER, *(_cells(row, now, usages.get(row.name)) for row in all_rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [_aligned(line, widths) for line in lines]
    untold = [row for row in all_rows if not _is_told_by_problem(row)]
    reasons = [_unhealthy_line(row) for row in untold if not row.is_healthy]
    starts = [_start_line(row) for row in all_rows if row.state == _STARTING and row.reason]
    restarts = [_restart_line(row) for row in untold if row.is_healthy and row.restarts]
    problems = [line for row in all_rows for one in row.problems for line in _problem_lines(one)]
    if width is not None and max(map(len, table)) > width:
        table = [
            line
            for *cells, status in lines
            for line in (_aligned(cells, widths[:-1]), *_wrapped(f"{_INDENT}{status}", width))
            if line != f"{_INDENT}-"
        ]
    ends = [
        part for line in [*reasons, *starts, *restarts, *problems] for part in _wrapped(line, width)
    ]
    return "\n".join([*table, *ends])


def span(seconds: float | None) -> str:
    """Return a duration in its two largest units: 4 s, 3m20s, 5h07m, 2d03h; `-` for None."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def size(count: int) -> str:
    """Return a number of bytes in the largest unit that leaves at least 1: 900K, 26M, 1.5G."""
    if count < 1 << 20:
        return f"{count >> 10}K"
    return f"{count >> 20}M" if count < 1 << 30 else f"{count / (1 << 30):.1f}G"


def _cells(row: HealthRow, now: float, usage: ResourceUsage | None) -> tuple[str, ...]:
    return (
        " " if row.is_healthy else "!",
        row.name,
        row.state,
        str(row.pid or "-"),
        span(_age(row.started_at, now)),
        span(_age(row.pinged_at, now)),
        str(row.restarts),
        span(usage.cpu_s if usage else None),
        size(usage.memory_bytes) if usage else "-",
        row.status or "-",
    )


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _wrapped(line: str, width: int | None) -> list[str]:
    """Return `line` in parts of at most `width` columns; the later ones are indented."""
    return textwrap.wrap(line, width, subsequent_indent=_INDENT) if width else [line]


def _is_told_by_problem(row: HealthRow) -> bool:
    """Return whether a problem in the list says why the unit has failed or restarts."""
    otherwise = RESTARTING if row.is_healthy else ""
    kind = _TELLING.get(row.state, otherwise)
    return any((one.name, one.subject) == (kind, row.name) for one in row.problems)


def _unhealthy_line(row: HealthRow) -> str:
    state = "restarts" if row.state == HealthState.AUTO_RESTART.value else f"is {row.state}"
    return f"! {row.name} {state}: {row.reason or 'the reason is unknown'}"


def _start_line(row: HealthRow) -> str:
    return f"  {row.name} is {row.state}: {row.reason}"


def _restart_line(row: HealthRow) -> str:
    return f"  {row.name} last restarted after: {row.restart_reason}"


def _problem_lines(problem: ListedProblem) -> Iterator[str]:
    label = f"{problem.name} {problem.subject}".rstrip()
    title = f"{problem.title}: " if problem.title else ""
    yield f"problem {label}, since {problem.since}: {title}{problem.found}"
    if problem.what_to_do:
        yield f"  {problem.who}: {problem.what_to_do}"


def _age(since: float | None, now: float) -> float | None:
    return None if since is None else max(0.0, now - since)
