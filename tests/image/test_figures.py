"""The gateway's figures against the design's budgets, printed as a table."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.bench.table import Row, markdown
from tests.image.fleet import Fleet

pytestmark = pytest.mark.image
IMAGE_MB, CPU_PERCENT, READY_S = 200.0, 1.0, 5.0
# 110 was for five workers. telemetry is the sixth, and eesmart-d2l is executed, not forked, so that
# the parser of strangers' bytes has no secret of others in its memory.
PSS_MIB = 120.0
WINDOW_S = 10.0  # led looks once in it, the others every 15 s or less often
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def test_the_budgets_are_met(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    size_mb = fleet.image("hems")["Size"] / 1e6
    ready_s = _restarted(fleet)
    pids = fleet.hems.pids()
    pss_mib = sum(_pss_kb(pid) for pid in pids) / 1024
    before = sum(_cpu_s(pid) for pid in pids)
    time.sleep(WINDOW_S)
    cpu = (sum(_cpu_s(pid) for pid in pids) - before) / WINDOW_S * 100
    rows = [
        _row("image", size_mb, "MB", IMAGE_MB),
        _row("start until every worker is ready", ready_s, "s", READY_S),
        _row(f"PSS of {len(pids)} processes", pss_mib, "MiB", PSS_MIB),
        _row("idle, of one core", cpu, "%", CPU_PERCENT),
    ]
    with capsys.disabled():
        print(f"\n{markdown(rows)}")  # noqa: T201 - for people
    assert all(row.is_met for row in rows)


def _restarted(fleet: Fleet) -> float:
    """Stop hems, start it, and return how long it took to be well, in seconds."""
    fleet.hems.stop()
    started = time.monotonic()
    fleet.hems.start()
    fleet.until_green()
    return time.monotonic() - started


def _row(what: str, value: float, unit: str, budget: float) -> Row:
    return Row(f"hems: {what}", f"{value:.1f} {unit}", f"≤ {budget:g} {unit}", value <= budget)


def _pss_kb(pid: int) -> int:
    """Return the proportional set size: shared pages count in part (proc(5))."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _cpu_s(pid: int) -> float:
    """Return the seconds of a core that a process and its ended children have taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICK_S
