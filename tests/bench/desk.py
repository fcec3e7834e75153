"""What the desk costs: the time until every unit is ready, memory and idle CPU.

The meters push once a minute, as real ones do. Memory is PSS, so that shared pages are
counted once in the sum.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from hems.desk import broker, run_dir, up
from hems.desk.gateway import Gateway
from hems.desk.plan import environment
from hems.errors import Unavailable
from hems.supervision.health import Row as Health
from tests.bench.table import Row

METERS, INTERVAL_S = 2, 60.0
SETTLE_S, IDLE_S, START_S = 5.0, 20.0, 30.0
READY_BUDGET_S, CPU_BUDGET, PSS_BUDGET_MB = 2.0, 1.0, 110.0
DESK_ONLY = ("broker", "meter-")


def measure() -> list[Row]:
    """Return the rows: start-up, PSS and idle CPU."""
    with tempfile.TemporaryDirectory(prefix="hems-") as directory:
        plan = up.make_plan(Path(directory), METERS, INTERVAL_S, broker.default(), is_check=True)
        conf = run_dir.fill(plan)
        started = time.monotonic()
        with up.running(plan, conf, environment(plan, os.environ)) as session:
            units = _ready(Gateway(plan.run_dir))
            ready_s = time.monotonic() - started
            gateway_pids = [
                session.pid,
                *(unit.pid for unit in units if unit.pid and not unit.name.startswith(DESK_ONLY)),
            ]
            time.sleep(SETTLE_S)
            all_pids = [session.pid, *(unit.pid for unit in units if unit.pid)]
            cpu, all_cpu = _cpu_percent(gateway_pids, all_pids)
            ours_mb, all_mb = _pss_mb(gateway_pids), _pss_mb(all_pids)
    what = "supervisord and eesmart-d2l"
    return [
        Row(
            f"start to all {len(units)} units ready on the desk",
            f"{ready_s:.2f} s",
            f"≤ {READY_BUDGET_S:g} s",
            ready_s <= READY_BUDGET_S,
        ),
        Row(
            f"idle CPU of {what}, over {IDLE_S:g} s",
            f"{cpu:.2f} % of a core",
            f"≤ {CPU_BUDGET:g} %",
            cpu <= CPU_BUDGET,
        ),
        Row(
            f"PSS of {what}",
            f"{ours_mb:.0f} MB",
            f"≤ {PSS_BUDGET_MB:g} MB",
            ours_mb <= PSS_BUDGET_MB,
        ),
        Row("PSS of the whole desk", f"{all_mb:.0f} MB"),
        Row(f"idle CPU of the whole desk, over {IDLE_S:g} s", f"{all_cpu:.2f} % of a core"),
    ]


def _ready(gateway: Gateway) -> list[Health]:
    """Wait until every unit is ready and return them."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            units = gateway.health()
        except Unavailable:
            units = []
        if units and all(unit.is_ready for unit in units):
            return units
        time.sleep(0.02)
    raise AssertionError(f"not every unit was ready within {START_S:g} s")


def _cpu_percent(*groups: Sequence[int]) -> list[float]:
    """Return each group's share of one core over the same IDLE_S seconds."""
    before, started = [_cpu_s(pids) for pids in groups], time.monotonic()
    time.sleep(IDLE_S)
    after, elapsed = [_cpu_s(pids) for pids in groups], time.monotonic() - started
    return [100 * (a - b) / elapsed for a, b in zip(after, before, strict=True)]


def _cpu_s(pids: Sequence[int]) -> float:
    """Return the CPU time of all threads (proc(5), schedstat: ns), finer than clock ticks."""
    stats = (stat for pid in pids for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def _pss_mb(pids: Sequence[int]) -> float:
    return float(sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 1e6)
