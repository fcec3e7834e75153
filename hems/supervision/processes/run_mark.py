"""Mark the processes of one run by something that they all inherit, and do not change by habit.

That is the hard limit RLIMIT_RTTIME: setsid(2), a change of user and execve(2) with an empty
environment keep it, and everybody may read it. It is so high that it limits nothing: processes with
a real-time policy may compute so many microseconds without a system call, 2^30 (18 minutes) at
least, and 2^62 on a 64-bit machine.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

_RTTIME = 15  # setrlimit(2); the module `resource` does not name it
_NAME = b"Max realtime timeout"  # in /proc/PID/limits, before the soft and the hard limit


def of_run(invocation_id: str) -> int:
    """Return the mark of the run with this id, lower than that of our own process."""
    own = resource.getrlimit(_RTTIME)[1]
    top = sys.maxsize if own == resource.RLIM_INFINITY else min(own, sys.maxsize)
    return top - 1 - int(invocation_id, 16) % (top // 2)


def set_on_self(mark: int) -> None:
    """Mark this process. Do nothing where the kernel has no such limit."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(_RTTIME, (mark, mark))


def of_process(pid: int) -> int | None:
    """Return the mark of a process, None if it has none or is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/limits").read_bytes().splitlines():
            if line.startswith(_NAME):
                hard = line.split()[-2]
                return int(hard) if hard.isdigit() else None
    return None
