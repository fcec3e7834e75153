"""What the desk costs: the time until every unit is ready, memory and idle CPU.

The meters push once a minute, as real ones do. It is not the first start: that one, and the one
start a year that renews the certificate, takes some 5 MB more. The time is the median of several
starts. Memory is PSS, so that shared pages are counted once in the sum.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psutil

from dev.launcher import mosquitto_or_embedded_broker, run_folder
from dev.launcher.commands import up
from dev.launcher.desk_environment import environment
from dev.launcher.desk_plan import Plan, make_plan
from dev.launcher.supervisord_client import SupervisordClient
from hems.errors import Unavailable
from hems.supervision.health.health_row import HealthRow
from tests.bench.table import Row

METERS, INTERVAL_S = 2, 60.0
STARTS = 5
SETTLE_S, IDLE_S, START_S = 5.0, 60.0, 30.0
READY_BUDGET_S, CPU_BUDGET = 2.0, 1.0
PSS_BUDGET_MIB = 128.0  # see tests/image/test_budgets.py
LED_CPU_BUDGET = 0.5  # what it replaces took 81 %
DESK_ONLY = ("balena", "broker", "meter-")
GATEWAYS_OWN = {  # the desk's are shorter
    "HEMS_TELEMETRY_PERIOD_S": "60",
    "HEMS_WATCHDOG_PERIOD_S": "30",
}


def measure() -> list[Row]:
    """Return the rows: start-up, PSS and idle CPU."""
    with tempfile.TemporaryDirectory(prefix="hems-") as directory:
        plan = make_plan(
            Path(directory),
            METERS,
            INTERVAL_S,
            mosquitto_or_embedded_broker.default(),
            is_check=True,
        )
        conf = run_folder.fill(plan)
        variables = environment(plan, os.environ | GATEWAYS_OWN)
        with up.running(plan, conf, variables):  # provision makes passwords and the certificate
            _ready(SupervisordClient(plan.run_dir))
        starts_s = [_start_s(plan, conf, variables) for _ in range(STARTS)]
        with up.running(plan, conf, variables) as session:
            units = _ready(SupervisordClient(plan.run_dir))
            pids = {unit.name: unit.pid for unit in units if unit.pid}
            ours = {name: pid for name, pid in pids.items() if not name.startswith(DESK_ONLY)}
            ours["supervisord"] = session.pid
            time.sleep(SETTLE_S)
            everybody = {**pids, "supervisord": session.pid}
            cpus = _cpu_percent(everybody)
            pss_mib = {name: _pss_mib(pid) for name, pid in everybody.items()}
    cpu, ours_mib = sum(cpus[name] for name in ours), sum(pss_mib[name] for name in ours)
    what = "supervisord and its workers"
    ready_s = statistics.median(starts_s)
    return [
        Row(
            f"start to all {len(units)} units ready on the desk, median of {STARTS}",
            f"{ready_s:.2f} s ({min(starts_s):.2f} to {max(starts_s):.2f})",
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
            f"{ours_mib:.0f} MiB",
            f"≤ {PSS_BUDGET_MIB:g} MiB",
            ours_mib <= PSS_BUDGET_MIB,
        ),
        Row("PSS of the whole desk", f"{sum(pss_mib.values()):.0f} MiB"),
        Row(
            f"idle CPU of the whole desk, over {IDLE_S:g} s",
            f"{sum(cpus.values()):.2f} % of a core",
        ),
        *(_unit(name, cpus[name], pss_mib[name]) for name in sorted(ours)),
    ]


def _start_s(plan: Plan, conf: Path, variables: dict[str, str]) -> float:
    """Start and stop the desk; return the seconds until every unit was ready."""
    started = time.monotonic()
    with up.running(plan, conf, variables):
        _ready(SupervisordClient(plan.run_dir))
        return time.monotonic() - started


def _unit(name: str, cpu: float, pss_mib: float) -> Row:
    row = Row(f"idle CPU and PSS of {name}", f"{cpu:.3f} %, {pss_mib:.1f} MiB")
    if name != "led":
        return row
    return replace(row, budget=f"< {LED_CPU_BUDGET:g} % CPU", is_met=cpu < LED_CPU_BUDGET)


def _ready(gateway: SupervisordClient) -> list[HealthRow]:
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


def _cpu_percent(pids: Mapping[str, int]) -> dict[str, float]:
    before, started = {name: _cpu_s(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(IDLE_S)
    elapsed_s = time.monotonic() - started
    return {name: 100 * (_cpu_s(pid) - before[name]) / elapsed_s for name, pid in pids.items()}


def _cpu_s(pid: int) -> float:
    """Return the CPU time of all threads (proc(5), schedstat: ns), finer than clock ticks."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def _pss_mib(pid: int) -> float:
    return float(psutil.Process(pid).memory_full_info().pss / 2**20)
