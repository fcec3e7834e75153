"""Measure other supervisors as supervision.py measures the plugin: restart and memory, six units.

One that is not installed is a row without a measurement. s6 restarts at once what has notified its
readiness and ran for a second.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.bench.supervision import marking, milliseconds, next_pid, pss_mb
from tests.bench.supervision_scale import begin
from tests.bench.table import Row
from tests.integration.supervision.rig import program, rig_in

UNITS = 6
KILLS = 9
PAUSE_S = 1.2
UNIT = "Restart=always RestartSec=100ms StartLimitBurst=0"


def measure() -> list[Row]:
    """Return the rows of each; takes about 40 s."""
    return [
        *_measured("plugin, RestartSec=100ms", _plugin),
        *(_measured("s6, ready", _s6) if shutil.which("s6-svscan") else [_absent("s6")]),
        _absent("dinit"),
    ]


def _measured(
    name: str, start: Callable[[Path], AbstractContextManager[Callable[[], list[int]]]]
) -> Iterator[Row]:
    """Yield the rows of a supervisor; `start` yields what returns its pids."""
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as pids:
        mark = Path(folder, "mark")
        pid, times = next_pid(mark, 0), []
        for _ in range(KILLS):
            time.sleep(PAUSE_S)
            killed_at = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            pid = next_pid(mark, pid)
            times.append(time.monotonic() - killed_at)
        memory = sum(map(pss_mb, pids()))
    yield Row(f"restart after SIGKILL, median, {name}", milliseconds(statistics.median(times)))
    yield Row(f"memory (PSS) with {UNITS} units, {name}", f"{memory:.1f} MiB")


@contextmanager
def _plugin(folder: Path) -> Iterator[Callable[[], list[int]]]:
    with rig_in(folder) as rig:
        begin(rig, UNITS - 1, program("victim", marking(folder / "mark"), UNIT), has_plugin=True)
        yield lambda: [rig.pid]


@contextmanager
def _s6(folder: Path) -> Iterator[Callable[[], list[int]]]:
    for number in range(UNITS):
        service = folder / "scan" / f"u{number}"
        service.mkdir(parents=True)
        mark = f"echo $$ > {folder / 'mark'}" if number == 0 else ""
        (service / "run").write_text(f"#!/bin/sh\n{mark}\necho >&3\nexec sleep 1000 3>&-\n")
        (service / "notification-fd").write_text("3\n")
        (service / "run").chmod(0o755)
    scan = subprocess.Popen(
        ["s6-svscan", str(folder / "scan")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield lambda: [scan.pid, *_children(scan.pid)]
    finally:
        scan.terminate()  # it ends its services first
        scan.wait(10)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def _absent(name: str) -> Row:
    return Row(f"restart after SIGKILL, {name}", "not installed")
