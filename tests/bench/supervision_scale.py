"""Measure the plugin with 100 and 300 units, side by side with stock supervisord and others."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.supervision import cpu_s, launch, marking, milliseconds, next_pid, pss_mb
from tests.bench.supervisors import (
    DINIT,
    PLUGIN,
    S6,
    SLEEP,
    STOCK,
    SYSTEMD,
    Supervisor,
    sleeping,
    until,
)
from tests.bench.table import Row
from tests.integration.namespaces import is_running
from tests.integration.supervision.rig import ROOT, Rig, program, rig_in

NOTIFYING = Path(__file__).with_name("notifying.py")
STARTS = 3
IDLE_S = 20.0
CALLS = 7
KILLS = 15
RESTART_S = 0.1


def measure() -> list[Row]:
    """Return all rows; takes about five minutes, two of them while stock supervisord stops."""
    return [*start_and_stop(), *restarts(), *at_rest(100), *at_rest(300), own_memory(), heard()]


def start_and_stop() -> Iterator[Row]:
    """Measure from the launch to the last of 100 units, and from SIGTERM to the end of all."""
    stock_s, stock_stop_s = _start_and_stop_s(STOCK)
    own_s, own_stop_s = _start_and_stop_s(PLUGIN)
    yield Row("start of 100 units, stock supervisord", f"{stock_s:.2f} s")
    yield Row("start of 100 units, plugin", f"{own_s:.2f} s", "≤ stock", own_s <= stock_s)
    yield Row("stop of 100 units, stock supervisord", f"{stock_stop_s:.2f} s")
    yield Row("stop of 100 units, plugin", f"{own_stop_s:.2f} s", "≤ 0.5 s", own_stop_s <= 0.5)
    for other in (SYSTEMD, S6, DINIT):
        if obstacle := other.obstacle():
            yield Row(f"start and stop of 100 units, {other.name}", obstacle)
            continue
        start_s, stop_s = _start_and_stop_s(other)
        yield Row(f"start of 100 units, {other.name}", f"{start_s:.2f} s")
        yield Row(f"stop of 100 units, {other.name}", f"{stop_s:.2f} s")


def _start_and_stop_s(supervisor: Supervisor) -> tuple[float, float]:
    """Return how long a start and a stop of 100 units take, the median of three."""
    starts, stops = zip(*(_one_start_and_stop_s(supervisor) for _ in range(STARTS)), strict=True)
    return statistics.median(starts), statistics.median(stops)


def _one_start_and_stop_s(supervisor: Supervisor) -> tuple[float, float]:
    commands = {f"u{number:03}": SLEEP for number in range(100)}
    with tempfile.TemporaryDirectory() as folder:
        before = time.monotonic()
        with supervisor.start(Path(folder), commands) as pids:
            until(lambda: len(sleeping(pids()[0])) == len(commands), 60)
            start_s = time.monotonic() - before
            everything = [*pids(), *sleeping(pids()[0])]
            os.kill(everything[0], signal.SIGTERM)
            return start_s, until(lambda: not any(map(is_running, everything)), 120)


def restarts() -> Iterator[Row]:
    """Measure from SIGKILL to the first command of the next process, less RestartSec."""
    for count, limit_s in ((6, 0.015), (300, 0.030)):
        with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
            mark = rig.folder / "mark"
            unit = f"Restart=always RestartSec={RESTART_S} StartLimitBurst=0"
            begin(rig, count - 1, program("victim", marking(mark), unit), has_plugin=True)
            pid, times = next_pid(mark, 0), []
            for number in range(KILLS):
                time.sleep(0.2 + number * 0.13 % 0.3)  # whatever the phase of the loop
                killed_at = time.monotonic()
                os.kill(pid, signal.SIGKILL)
                pid = next_pid(mark, pid)
                times.append(time.monotonic() - killed_at - RESTART_S)
        took = statistics.median(times)
        what = f"restart after SIGKILL, one of {count} units, median"
        limit = f"≤ RestartSec + {milliseconds(limit_s)}"
        yield Row(what, f"RestartSec + {milliseconds(took)}", limit, took <= limit_s)


def at_rest(count: int) -> Iterator[Row]:
    """Measure stock supervisord and the plugin at the same time, on the same machine."""
    with both(count) as (stock, plugin):
        time.sleep(3)
        before = [cpu_s(rig.pid) for rig in (stock, plugin)]
        time.sleep(IDLE_S)
        spent = [cpu_s(rig.pid) - was for rig, was in zip((stock, plugin), before, strict=True)]
        shares = " and ".join(f"{one / IDLE_S:.2%}" for one in spent)
        ratio = spent[1] / spent[0]
        what = f"CPU while idle with {count} units, stock and plugin"
        yield Row(what, f"{shares} of one core: {ratio:.1f} times", "≤ 5 times", ratio <= 5)
        calls = [(call_s(stock, "status"), call_s(plugin, "health")) for _ in range(CALLS)]
        status, health = (statistics.median(column) for column in zip(*calls, strict=True))
        what = f"`supervisorctl health` with {count} units, and stock `status`"
        value = f"{milliseconds(health)} and {milliseconds(status)}: {health / status:.1f} times"
        yield Row(what, value, "≤ 2 times", health <= 2 * status)


def own_memory() -> Row:
    with both(5) as (stock, plugin):
        time.sleep(2)
        own = pss_mb(plugin.pid) - pss_mb(stock.pid)
    what = "the plugin's own memory (PSS above stock supervisord's), without preload"
    return Row(what, f"{own:.1f} MiB", "≤ 2.5 MiB", own <= 2.5)


def heard() -> Row:
    """Measure from a notification to the end of its handling, as the sender sees it."""
    with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
        result = rig.folder / "result"
        command = f"{sys.executable} -IS {NOTIFYING} {result}"
        rig.start(program("sender", command, "Type=notify"))
        rig.until(lambda: result.exists() and result.read_text().endswith("\n"), 30)
        took = float(result.read_text())
    return Row("notification to state, median", milliseconds(took), "≤ 2 ms", took <= 0.002)


@contextmanager
def both(count: int) -> Iterator[tuple[Rig, Rig]]:
    """Start stock supervisord, and one with the plugin, with so many units each."""
    with ExitStack() as stack:
        rigs = []
        for has_plugin in (False, True):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            rig = stack.enter_context(rig_in(Path(folder)))
            begin(rig, count, has_plugin=has_plugin)
            rigs.append(rig)
        yield rigs[0], rigs[1]


def begin(rig: Rig, count: int, *others: str, has_plugin: bool) -> None:
    """Start supervisord with `count` idle units, and wait until all run."""
    unit = "Restart=always" if has_plugin else ""
    units = [program(f"u{number:03}", "/bin/sleep 1000", unit) for number in range(count)]
    launch(rig, *units, *others, has_plugin=has_plugin)
    rig.until(lambda: rig.log().count("spawned: ") >= count + len(others), 60)


def call_s(rig: Rig, command: str) -> float:
    """Return how long supervisorctl takes for a command."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(rig.config), command],
        check=False,
        capture_output=True,
        cwd=ROOT,
    )
    return time.monotonic() - started
