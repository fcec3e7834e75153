"""Measure how fast supervisord starts and restarts, with and without the plugin, and its cost."""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.table import Row
from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program, rig_in

KILLS = {True: 25, False: 5}  # a stock restart takes a second
STARTS = 3
IDLE_S = 8.0
QUICK = "startsecs = 0\nautorestart = true"  # stock supervisord's best case


def measure() -> list[Row]:
    """Return all rows; takes about 45 s."""
    stock = restart_s("", has_plugin=False)
    return [
        Row("restart after SIGKILL, stock supervisord, median", milliseconds(stock)),
        *(restarts(delay) for delay in ("0", "10ms")),
        Row(
            "start, until the first child runs, stock supervisord",
            milliseconds(start_s(has_plugin=False)),
        ),
        Row("start, until the first child runs, plugin", milliseconds(start_s(has_plugin=True))),
        hung(),
        *idle(),
    ]


def restarts(delay: str) -> Row:
    took = restart_s(f"RestartSec={delay} StartLimitBurst=0", has_plugin=True)
    what = f"restart after SIGKILL, plugin, RestartSec={delay}, median"
    return Row(what, milliseconds(took), "≤ 30 ms", took <= 0.03)


def restart_s(unit: str, *, has_plugin: bool) -> float:
    """Return the median time from a kill to the first command of the next process."""
    with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
        mark = rig.folder / "mark"
        launch(rig, program("victim", marking(mark), unit, QUICK), has_plugin=has_plugin)
        pid = next_pid(mark, 0)
        times = []
        for number in range(KILLS[has_plugin]):
            time.sleep(0.05 + number * 0.13 % 0.3)  # whatever the phase of the loop
            started = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            pid = next_pid(mark, pid)
            times.append(time.monotonic() - started)
    return statistics.median(times)


def start_s(*, has_plugin: bool) -> float:
    """Return the median time from the launch of supervisord to its child's first command."""
    times = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
            mark = rig.folder / "mark"
            started = time.monotonic()
            launch(rig, program("victim", marking(mark), "", QUICK), has_plugin=has_plugin)
            next_pid(mark, 0)
            times.append(time.monotonic() - started)
    return statistics.median(times)


def hung() -> Row:
    """Measure from the deadlock of a worker that beats every 50 ms to its next process."""
    unit = "Type=notify WatchdogSec=1 RestartSec=10ms"
    with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
        rig.start(program("victim", WORKER, unit))
        pid = rig.until_state("victim", "active").pid
        assert pid is not None
        os.kill(pid, signal.SIGUSR1)
        took = rig.until(lambda: rig.log().count("spawned: 'victim'") == 2)
    value = f"WatchdogSec {(took - 1) * 1000:+.0f} ms"
    return Row("restart of a worker that hangs", value, "≤ WatchdogSec + 500 ms", took <= 1.5)


def idle() -> Iterator[Row]:
    for has_plugin, which in ((False, "stock supervisord"), (True, "plugin")):
        with five_idle(has_plugin=has_plugin) as rig:
            before = cpu_s(rig.pid)
            time.sleep(IDLE_S)
            share = (cpu_s(rig.pid) - before) / IDLE_S
            yield Row(f"supervisord, memory (PSS), {which}", f"{pss_mb(rig.pid):.1f} MiB")
            yield Row(f"supervisord, CPU while idle, {which}", f"{share:.2%} of one core")


@contextmanager
def five_idle(*, has_plugin: bool) -> Iterator[Rig]:
    with tempfile.TemporaryDirectory() as folder, rig_in(Path(folder)) as rig:
        programs = (program(name, "/bin/sleep 1000") for name in "abcde")
        launch(rig, *programs, has_plugin=has_plugin)
        rig.until(lambda: rig.log().count("spawned: ") == 5)
        time.sleep(2)
        yield rig


def launch(rig: Rig, *programs: str, has_plugin: bool) -> None:
    rig.write(*programs, plugin=PLUGIN if has_plugin else "")
    rig.launch()


def marking(mark: Path) -> str:
    """Return a command that writes its pid and then sleeps."""
    return f"/bin/sh -c 'echo $$ > {mark}; exec sleep 1000'"


def next_pid(mark: Path, last: int) -> int:
    """Wait for the pid of a process other than `last`, 20 s at most."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        text = mark.read_text() if mark.exists() else ""
        if text.endswith("\n") and int(text) != last:
            return int(text)
        time.sleep(0.0002)
    raise TimeoutError(f"no process after {last}")


def cpu_s(pid: int) -> float:
    """Return the seconds a process was on a core: Documentation/scheduler/sched-stats.rst."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
