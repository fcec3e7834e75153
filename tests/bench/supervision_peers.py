"""Measure the plugin beside systemd, s6 and dinit: restart and memory, six units.

One that cannot run here is a row without a measurement. The pause before each kill is longer than
the second that s6 wants, and the 0.2 s that dinit wants, before they restart at once.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.supervision import milliseconds, next_pid, pss_mb
from tests.bench.supervisors import (
    DINIT,
    PLUGIN,
    S6,
    SLEEP,
    SYSTEMD,
    OwnPids,
    Supervisor,
    pid_outside,
    sleeping,
    until,
)
from tests.bench.table import Row

UNITS = 6
KILLS = 9
PAUSE_S = 1.2
RESTART = {"plugin": "RestartSec=100ms", "systemd": "RestartSec=100ms", "s6": "ready"}


def measure() -> list[Row]:
    """Return the rows of each; takes about 60 s."""
    return [row for one in (PLUGIN, SYSTEMD, S6, DINIT) for row in _measured(one)]


def _measured(supervisor: Supervisor) -> Iterator[Row]:
    what = ", ".join(filter(None, (supervisor.name, RESTART.get(supervisor.name))))
    if obstacle := supervisor.obstacle():
        yield Row(f"restart after SIGKILL, median, {what}", obstacle)
        return
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder, "mark")
        commands = {f"u{number}": SLEEP for number in range(1, UNITS)}
        commands["victim"] = _marking(Path(folder, "victim"), mark)
        own = Path(folder, "own")
        own.mkdir()
        with supervisor.start(own, commands) as pids:
            times = list(_restarts(mark, pids))
            until(lambda: len(sleeping(pids()[0])) == UNITS, 10)
            memory = sum(map(pss_mb, pids()))
    yield Row(f"restart after SIGKILL, median, {what}", milliseconds(statistics.median(times)))
    yield Row(f"memory (PSS) with {UNITS} units, {supervisor.name}", f"{memory:.1f} MiB")


def _restarts(mark: Path, pids: OwnPids) -> Iterator[float]:
    """Yield the seconds from each SIGKILL to the first command of the next process."""
    pid = next_pid(mark, 0)
    for _ in range(KILLS):
        time.sleep(PAUSE_S)
        victim = pid_outside(pid, sleeping(pids()[0]))
        killed_at = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        pid = next_pid(mark, pid)
        yield time.monotonic() - killed_at


def _marking(script: Path, mark: Path) -> str:
    """Write a program that writes its pid and then sleeps; return its path.

    As a command it would need each supervisor's own quotes.
    """
    script.write_text(f"#!/bin/sh\necho $$ > {mark}\nexec {SLEEP}\n")
    script.chmod(0o755)
    return str(script)
