"""Set the limits and priorities of this process: setrlimit(2), nice(2), OOM score."""

from __future__ import annotations

import functools
import os
import resource
from collections.abc import Iterable
from pathlib import Path

from hems.supervision.settings.process_settings import ResourceLimit

MOST = 1000  # proc(5): oom_score_adj is from -1000 to 1000
SCORE = Path("/proc/self/oom_score_adj")
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def set_limits(limits: Iterable[ResourceLimit]) -> None:
    """Set each limit. Raises OSError or ValueError."""
    for limit in limits:
        kind = getattr(resource, f"RLIMIT_{limit.name}")
        resource.setrlimit(kind, (limit.soft, limit.hard))


def set_nice(value: int) -> None:
    os.setpriority(os.PRIO_PROCESS, 0, value)


def set_oom_score_adjust(value: int) -> None:
    """Set whom the kernel kills first. Only CAP_SYS_RESOURCE may lower the value."""
    SCORE.write_text(str(value))


@functools.cache  # a reload must not lower it again
def protect_supervisor() -> int:
    """Make supervisord no victim before its units; return their OOM score adjustment.

    The kernel compares the share of memory that each process uses, in thousandths, plus this
    value. supervisord lowers its own by twice its share, or its units have so much more.
    """
    own = int(SCORE.read_text())
    lead = 1 + 2000 * _used_memory() // _available_memory()
    try:
        set_oom_score_adjust(max(-MOST, own - lead))
    except OSError:
        return min(MOST, own + lead)
    return own


def _used_memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _available_memory() -> int:
    """Return the bytes that this container may use."""
    limits = [os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()]
    texts = [path.read_text().strip() for path in _MEMORY_LIMITS if path.exists()]
    return max(1, min(limits + [int(text) for text in texts if text.isdecimal()]))
