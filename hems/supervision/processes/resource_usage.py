"""Read how much memory and CPU time the processes of each unit use: proc(5).

Memory is the proportional set size: what is shared, as by preloaded programs, counts once. Without
the right to read it, the resident set size. Who looks need not be supervisord.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from hems.supervision.processes import process_tree
from hems.supervision.processes.process_tree import ProcessStat
from hems.supervision.processes.run_members import VARIABLE

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ResourceUsage(NamedTuple):
    """What all processes of a unit use now, and the CPU time since its start."""

    cpu_s: float
    memory_bytes: int
    tasks: int


def usages(mains: Mapping[str, int]) -> dict[str, ResourceUsage]:
    """Return the usage of each unit by its name; `mains` are the pids of main processes."""
    stats = process_tree.all_stats()
    members = processes_of(mains, stats)
    return {name: _usage(pids, stats) for name, pids in members.items()}


def processes_of(
    mains: Mapping[str, int], stats: Mapping[int, ProcessStat]
) -> dict[str, list[int]]:
    """Return the processes of each unit, as run_members.py finds them."""
    children = defaultdict(list)
    for pid, stat in stats.items():
        children[stat.parent].append(pid)
    roots = {name: [pid] for name, pid in mains.items() if pid in stats}
    names = {pid: name for name, pid in mains.items()}
    orphans = _orphans(roots, stats, children)
    marks = _marks(mains) if orphans else {}
    for orphan in orphans:
        if name := names.get(stats[orphan].group) or _marked(orphan, marks):
            roots.setdefault(name, []).append(orphan)
    return {name: _descendants(pids, children) for name, pids in roots.items()}


def _orphans(
    roots: Mapping[str, list[int]],
    stats: Mapping[int, ProcessStat],
    children: Mapping[int, list[int]],
) -> list[int]:
    """Return the children of supervisord, the parent of main processes, that are none."""
    known = {pid for pids in roots.values() for pid in pids}
    parents = {stats[pid].parent for pid in known}
    return [pid for parent in parents for pid in children[parent] if pid not in known]


def _marks(mains: Mapping[str, int]) -> dict[bytes, str]:
    """Return the unit of each INVOCATION_ID."""
    prefix = f"{VARIABLE}=".encode()
    return {
        variable: name
        for name, pid in mains.items()
        for variable in process_tree.environment(pid)
        if variable.startswith(prefix)
    }


def _marked(pid: int, marks: Mapping[bytes, str]) -> str:
    """Return the unit whose INVOCATION_ID the process has, empty if none."""
    return next((marks[one] for one in process_tree.environment(pid) if one in marks), "")


def _descendants(pids: Iterable[int], children: Mapping[int, list[int]]) -> list[int]:
    descendants, queue = [], list(pids)
    while queue:
        pid = queue.pop()
        descendants.append(pid)
        queue += children.get(pid, [])
    return descendants


def _usage(pids: Iterable[int], stats: Mapping[int, ProcessStat]) -> ResourceUsage:
    alive = [pid for pid in pids if not stats[pid].is_zombie]
    ticks = sum(stats[pid].cpu_ticks for pid in pids)
    memory = sum(_memory(pid, stats[pid]) for pid in alive)
    return ResourceUsage(ticks / _TICKS_PER_S, memory, len(alive))


def _memory(pid: int, stat: ProcessStat) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return stat.resident_pages * _PAGE
