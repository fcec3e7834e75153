"""Read the tree of processes from /proc: who is whose child, and what each is marked with.

proc(5): /proc/PID/task/TID/children names the children of one thread. It is a hundred times faster
than looking at every process, which is done where the kernel lacks CONFIG_PROC_CHILDREN.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hems.supervision.processes import system_calls


class ProcessStat(NamedTuple):
    """The fields of /proc/PID/stat that are needed here. A zombie has ended."""

    parent: int
    group: int
    session: int
    is_zombie: bool
    started_at: int  # clock ticks since the boot; with the pid it is unique
    cpu_ticks: int  # of the process, and of its children that were reaped
    resident_pages: int


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose parent ends, as PID 1 is."""
    system_calls.prctl(system_calls.PR_SET_CHILD_SUBREAPER, 1)


def stat(pid: int) -> ProcessStat | None:
    """Return the state of a process, None if it is gone."""
    with contextlib.suppress(OSError):
        content = _read(f"/proc/{pid}/stat")
        state, parent, group, *rest = content[content.rindex(b")") + 2 :].split()
        return ProcessStat(
            int(parent),
            int(group),
            int(rest[0]),
            state in {b"Z", b"X"},
            int(rest[16]),
            sum(map(int, rest[8:12])),
            int(rest[18]),
        )
    return None


def all_stats() -> dict[int, ProcessStat]:
    """Return the state of every process by its pid."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208
    return {pid: process for pid in pids if (process := stat(pid))}


def children(pid: int) -> list[int]:
    """Return the pids of the child processes of `pid`, with those that have just ended."""
    pids: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - it is fast
    except FileNotFoundError:
        return pids
    for thread in threads:
        try:
            text = _read(f"/proc/{pid}/task/{thread}/children")
        except FileNotFoundError:  # the thread has ended, or the kernel has no such files
            if not _has_lists():
                return list(_scan(pid))
        else:
            pids += map(int, text.split())
    return pids


def environment(pid: int) -> list[bytes]:
    """Return each NAME=value that a process was executed with, none if it may not be read.

    Without CAP_SYS_PTRACE only a process's own user may read it: ptrace(2), PTRACE_MODE_FSCREDS.
    """
    path = f"/proc/{pid}/environ"
    try:
        content = _read(path)
    except PermissionError:
        content = _read_as_owner(path)
    except OSError:
        content = b""
    return content.split(b"\0")


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, 1 << 17):
            parts.append(part)
        return b"".join(parts)
    except ProcessLookupError as error:  # it ended after the file was opened
        raise FileNotFoundError(*error.args) from None
    finally:
        os.close(descriptor)


def _read_as_owner(path: str) -> bytes:
    """Read a file with the file system rights of its owner, which only root can take."""
    with contextlib.suppress(OSError):
        owner = Path(path).stat()
        own = system_calls.set_file_system_user(owner.st_uid, owner.st_gid)
        try:
            return _read(path)
        finally:
            system_calls.set_file_system_user(*own)
    return b""


def _has_lists() -> bool:
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()


def _scan(parent: int) -> Iterator[int]:
    for pid, process in all_stats().items():
        if process.parent == parent:
            yield pid
