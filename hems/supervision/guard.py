"""Guard supervisord itself: end it when it hangs, and show from outside that it does not.

supervisord blocks for good when nobody reads its output any more. As PID 1 it cannot be killed from
inside, so a thread of the interpreter ends it from within, with a traceback; the container is then
restarted. The heartbeat file is for the container's health check: it holds the CLOCK_MONOTONIC
seconds of the last beat as text, so that its age can be told whatever the wall clock does.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable
from pathlib import Path

BEAT_S = 5.0


class Guard:
    """Beat when due. `guard_s` without a beat end the process with exit code 1."""

    def __init__(self, guard_s: float, heartbeat: Path | None, log: Callable[[str], None]) -> None:
        self._guard_s = guard_s
        self._beat_s = min(BEAT_S, guard_s / 4)
        self._heartbeat = heartbeat
        self._log = log
        self._trouble = ""
        self._due = 0.0
        self._output = _unblocked_stderr()

    def beat(self, now: float) -> float:
        """Beat if it is time; return when the next beat is due. Both are monotonic seconds."""
        if now >= self._due:
            faulthandler.dump_traceback_later(self._guard_s, exit=True, file=self._output)
            self._write(now)
            self._due = now + self._beat_s
        return self._due

    def close(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        if self._output != 2:
            os.close(self._output)

    def _write(self, now: float) -> None:
        """Overwrite in place: always the same length, so that a full disk does not matter."""
        if self._heartbeat is None:
            return
        trouble = ""
        try:
            descriptor = os.open(self._heartbeat, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                os.pwrite(descriptor, b"%020.3f\n" % now, 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            trouble = f"heartbeat: {error}"
        if trouble != self._trouble:
            self._log(trouble or f"heartbeat: {self._heartbeat} is written again")
            self._trouble = trouble


def _unblocked_stderr() -> int:
    """Return a descriptor for the traceback whose reader cannot block it, if there is one.

    Opened again, a pipe can be non-blocking for us alone; a socket cannot be opened again.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        return os.open("/proc/self/fd/2", flags)
    except OSError:
        return 2
