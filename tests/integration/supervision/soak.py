"""Restart, call and reload one supervisord many times, and see what it keeps of that.

Memory is measured after the first tenth of a phase and after its end, descriptors at rest.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.integration.supervision.rig import Rig, program

UNITS = [f"restless{number}" for number in range(8)]
AT_REST_S = 1.0  # within which a closed connection and an ended child are forgotten
WARM_UP = 0.1  # of a phase, until caches and the allocator are as they will stay


@dataclass(frozen=True)
class Kept:
    """What a phase has added."""

    kilobytes: int
    descriptors: int


def soak(rig: Rig, restarts: int, calls: int, reloads: int) -> dict[str, Kept]:
    """Return what each phase has added to the memory and the descriptors of supervisord."""
    unit = "Restart=always RestartSec=0 StartLimitBurst=0"
    rig.start(*(program(name, "/bin/true", unit, "autostart = false") for name in UNITS))
    rig.until(rig.health)
    for _ in _restarts(rig, len(UNITS)):
        pass  # the first child makes supervisord open /dev/null once
    phases = {
        "restarts": _restarts(rig, restarts),
        "calls": _repeated(calls, lambda: rig.rpc("supervision.getHealth")),
        "reloads": _repeated(reloads, lambda: _reload(rig)),
    }
    return {name: _kept(rig.pid, phase) for name, phase in phases.items()}


def _kept(pid: int, phase: Iterator[float]) -> Kept:
    """Run a phase, which yields the share of it that is done."""
    memory, descriptors = None, _descriptors(pid)
    for share in phase:
        if memory is None and share >= WARM_UP:
            memory = _kilobytes(pid)
    assert memory is not None
    return Kept(_kilobytes(pid) - memory, _descriptors(pid) - descriptors)


def _restarts(rig: Rig, count: int) -> Iterator[float]:
    for name in UNITS:
        rig.rpc("supervisor.startProcess", name, False)
    done = 0
    while done < count:
        time.sleep(0.2)
        done = sum(row.restarts for row in rig.health().values())
        yield done / count
    for name in UNITS:
        rig.rpc("supervisor.stopProcess", name, False)
    rig.until(lambda: not any(rig.pids().values()))


def _repeated(count: int, act: Callable[[], object]) -> Iterator[float]:
    for number in range(1, count + 1):
        act()
        yield number / count


def _reload(rig: Rig) -> None:
    started = rig.log().count("supervisord started")
    os.kill(rig.pid, signal.SIGHUP)
    rig.until(lambda: rig.log().count("supervisord started") > started)
    rig.until(rig.health)


def _kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    return kilobytes


def _descriptors(pid: int) -> int:
    """Return the smallest number of open descriptors within AT_REST_S."""
    folder, end = Path(f"/proc/{pid}/fd"), time.monotonic() + AT_REST_S
    counts = []
    while time.monotonic() < end:
        counts.append(len(list(folder.iterdir())))
        time.sleep(0.05)
    return min(counts)
