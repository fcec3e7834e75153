"""Find and signal every process of one run of a unit, without cgroups.

supervisord is the parent of every orphan (process_tree.adopt_orphans). So a process of a run is a
descendant of its main process, or of an orphan that has the run's process group, its INVOCATION_ID
or its mark (run_mark.py), and no other process is. A process that was once found stays found.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
from collections.abc import Callable, Collection
from pathlib import Path

from hems.supervision.processes import process_tree, run_mark
from hems.supervision.processes.process_tree import ProcessStat
from hems.supervision.spare_descriptor import SpareDescriptor

VARIABLE = "INVOCATION_ID"  # systemd.exec(5)
ROUNDS = 10  # of looking for processes that were forked meanwhile


def new_invocation_id() -> str:
    """Return a random id for one run: 32 hex digits."""
    return os.urandom(16).hex()


@functools.cache
def _spare_descriptor() -> SpareDescriptor:
    return SpareDescriptor()


def close_spare_descriptor() -> None:
    """Close the descriptor in reserve; the next run takes another one.

    A reload closes every descriptor by its number, which may then be a client's.
    """
    _spare_descriptor().close()
    _spare_descriptor.cache_clear()


class RunMembers:
    """The processes of the run of main process `pid`.

    `known` returns the pids of the main processes of all units.
    """

    def __init__(self, pid: int, invocation_id: str, known: Callable[[], Collection[int]]) -> None:
        self.main = pid  # MAINPID= may name another one
        self._pid = pid
        self._variable = f"{VARIABLE}={invocation_id}".encode()
        self._mark = run_mark.of_run(invocation_id)
        self._known = known
        _spare_descriptor()  # while there is one
        self._members: dict[int, int] = {}  # the start time of each process by its pid
        self._groups: set[int] = set()  # process groups that have only processes of this run

    def others(self) -> set[int]:
        """Return the pids of all living processes but the main one.

        Without a free descriptor they are looked for with a spare one. If even that fails, it is
        not known who lives: return those that were found before.
        """
        with contextlib.suppress(OSError), _spare_descriptor().lent():
            self._find()
        return set(self._members)

    def _find(self) -> None:
        """Find the processes; look again while one ends that may have forked just before."""
        ended: set[int] = set()
        for _ in range(ROUNDS):
            before = ended
            members, ended = self._look()
            if members or ended <= before:
                break
        self._members = {pid: stat.started_at for pid, stat in members.items()}
        session = os.getsid(0)
        groups = {stat.group for stat in members.values() if stat.session != session}
        self._groups = groups | {self._pid for stat in members.values() if stat.group == self._pid}

    def _look(self) -> tuple[dict[int, ProcessStat], set[int]]:
        """Return the processes but the main one, and those that may be of this run but ended."""
        known = self._known()
        members, ended = dict[int, ProcessStat](), set[int]()
        queue = [(pid, True) for pid in {self._pid, self.main}]
        queue += [(pid, False) for pid in process_tree.children(os.getpid()) if pid not in known]
        while queue:
            pid, is_member = queue.pop()
            stat = process_tree.stat(pid)
            if stat is None or stat.is_zombie:
                ended.add(pid)
                continue
            is_member = is_member or self._is_member(pid, stat)
            if is_member and pid != self.main:
                members[pid] = stat
            queue += [(child, is_member) for child in process_tree.children(pid)]
        return members, ended

    def owns(self, orphan: int) -> bool:
        """Return whether a process whose parent has ended belongs to the run."""
        stat = process_tree.stat(orphan)
        return stat is not None and self._is_member(orphan, stat)

    def signal_others(self, *numbers: signal.Signals) -> None:
        """Send signals, in this order, to all processes but the main one."""
        for pid in self.others():
            for number in numbers:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)

    def kill_all(self, number: signal.Signals) -> None:
        """End all processes, among them the main one if it still runs.

        A process may fork while it is being killed. The kernel signals a process group as a whole.
        """
        for _ in range(ROUNDS if number is signal.SIGKILL else 1):
            if not (others := self.others()):
                break
            for target in (*(-group for group in self._groups), *others):
                with contextlib.suppress(OSError):
                    os.kill(target, number)

    def _is_member(self, pid: int, stat: ProcessStat) -> bool:
        return (
            stat.group == self._pid
            or self._members.get(pid) == stat.started_at
            or run_mark.of_process(pid) == self._mark
            or self._variable in process_tree.environment(pid)
        )


def mark(invocation_id: str) -> None:
    """Write INVOCATION_ID into this forked process's own /proc/PID/environ.

    That file shows the memory where execve(2) put the environment: fields env_start and env_end of
    proc(5). Nothing reads it there after setproctitle has taken it for the title.
    """
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    assignment = f"\0{VARIABLE}={invocation_id}\0".encode()
    if end - start > len(assignment):
        ctypes.memmove(end - len(assignment), assignment, len(assignment))
