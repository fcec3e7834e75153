"""End supervisord's poll the moment there is something to do.

Its main loop looks at its processes once a second: a signal does not end the poll, because Python
resumes it (PEP 475). A pipe does. One pipe, polled with supervisord's own sockets, is written to by

- the interpreter, for every signal (signal.set_wakeup_fd): a child that died is seen at once;
- the timer, which is a signal too: ITIMER_REAL runs on the monotonic clock, so that setting the
  wall clock neither hastens nor delays it, and a process that is started does not inherit it;
- `kick`, after something changed.
"""

from __future__ import annotations

import contextlib
import os
import signal

MIN_DELAY_S = 0.001  # setitimer takes 0 for never


class Wakeup:
    """A pipe that is readable when supervisord has something to do. One in a process."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def fileno(self) -> int:
        return self._reader

    def kick(self) -> None:
        """Make it readable now."""
        with contextlib.suppress(BlockingIOError):  # a full pipe is readable
            os.write(self._writer, b"\0")

    def arm(self, delay_s: float) -> None:
        """Make it readable in `delay_s` seconds, and no more at an earlier call's time."""
        signal.setitimer(signal.ITIMER_REAL, max(MIN_DELAY_S, delay_s))

    def drain(self) -> None:
        """Make it unreadable until something happens again."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, 4096):
                pass

    def close(self) -> None:
        """Stop signals from being written before the descriptor's number is used again."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(-1)
        os.close(self._reader)
        os.close(self._writer)
