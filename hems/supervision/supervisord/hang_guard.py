"""End supervisord with a traceback when it hangs, and write a heartbeat file while it does not.

A plugin, a file system or a bug may hold up supervisord for ever. No process of the container can
kill PID 1, so it ends itself: a timer interrupts what it waits for (SIGALRM), and a container with
a restart policy starts again. The guard counts the ticks of that timer, not seconds. While
supervisord is paused (SIGSTOP, docker pause) there are none, so a pause is no hang. The timer does
not interrupt code in C that runs without an end.

The heartbeat file is for the container's health check. It contains the CLOCK_MONOTONIC seconds of
the last beat as text: a change of the wall clock does not affect its age.
"""

from __future__ import annotations

import faulthandler
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hems.supervision.logs.log_queue import open_again
from hems.supervision.outage_log import OutageLog
from hems.supervision.spare_descriptor import SpareDescriptor

_exit = os._exit  # undo_import_effects.py replaces it while packages are preloaded

BEAT_S = 5.0
TICKS = 4  # without a round: a hang


class Hang(BaseException):
    """What the guard interrupts; a program that handles its errors does not handle this one."""


class HangGuard:
    """End the process with exit code 1 after `guard_s` seconds without a round of the loop."""

    def __init__(self, guard_s: float, heartbeat: Path | None, log: Callable[[str], None]) -> None:
        self.tick_s = guard_s / TICKS
        self._guard_s = guard_s
        self._beat_s = min(BEAT_S, self.tick_s)
        self._heartbeat = heartbeat
        self._outage = OutageLog("heartbeat", log, log)
        self._next_beat_at = -math.inf
        self._ticks = 0  # without a round
        self._interrupts = False
        self._output = _unblocked_stderr()
        self._spare = SpareDescriptor()

    def beat(self, now: float) -> float:
        """Record a round; return when the next beat is due. Times are monotonic seconds."""
        self._ticks = 0
        if now >= self._next_beat_at:
            self._write(now)
            self._next_beat_at = now + self._beat_s
        return self._next_beat_at

    def tick(self) -> None:
        """Count the time that passes without a round: SIGALRM calls this every `tick_s` seconds."""
        self._ticks += 1
        if self._ticks > TICKS:  # the first one comes early
            self._end()
        if self._interrupts and self._ticks > TICKS / 2:
            raise Hang(f"it takes longer than {self._guard_s / 2:g} s, half of guard_sec")

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Raise Hang in what takes longer than half of guard_s, rather than end supervisord."""
        self._ticks, self._interrupts = 0, True
        try:
            yield
        finally:
            self._ticks, self._interrupts = 0, False

    def close(self) -> None:
        self._spare.close()
        if self._output != 2:
            os.close(self._output)

    def _end(self) -> None:
        """Print where supervisord hangs, without waiting for a reader, and exit."""
        text = f"supervision: supervisord has hung for {self._guard_s:g} s (guard_sec), it ends\n"
        try:
            os.set_blocking(self._output, False)
            os.write(self._output, text.encode())
            faulthandler.dump_traceback(self._output)
        finally:
            _exit(1)

    def _write(self, now: float) -> None:
        if self._heartbeat is not None:
            with self._outage.watching(now), self._spare.lent():
                _overwrite(self._heartbeat, b"%020.3f\n" % now)


def _overwrite(path: Path, text: bytes) -> None:
    """Overwrite the file in place with as many bytes as before: a full disk does not matter."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK  # nobody may read a pipe there
    descriptor = os.open(path, flags, 0o644)
    try:
        os.pwrite(descriptor, text, 0)
    finally:
        os.close(descriptor)


def _unblocked_stderr() -> int:
    """Return a descriptor of stderr that never blocks, or stderr itself if there is none."""
    try:
        return open_again(2)
    except OSError:
        return 2
