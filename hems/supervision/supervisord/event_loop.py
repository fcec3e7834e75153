"""Take part in supervisord's event loop: handle a descriptor's events, and wake the loop at once.

supervisord looks at its processes once a second. A signal does not end its poll earlier, because
Python resumes the system call (PEP 475); a readable descriptor does. `Wakeup` is such a descriptor,
`Dispatcher` connects a descriptor with the loop.
"""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from collections.abc import Callable

MIN_DELAY_S = 0.001  # setitimer(2) takes 0 as "disarm"


def _nothing() -> None:
    pass


def _always() -> bool:
    return True


class Dispatcher:
    """Call `on_read` when the descriptor is readable, and `before_poll` right before each poll.

    The loop polls the descriptor only while `is_awaited()`.
    Log every exception: one that got through would end supervisord. supervisord calls `on_close`
    when it closes the HTTP server in `server`: on a reload and when it ends.
    """

    def __init__(
        self,
        log: Callable[[str], None],
        on_read: Callable[[], None],
        before_poll: Callable[[], None] = _nothing,
        on_close: Callable[[], None] = _nothing,
        is_awaited: Callable[[], bool] = _always,
    ) -> None:
        self.server: object = None
        self.close = on_close
        self._on_read = on_read
        self._before_poll = before_poll
        self._is_awaited = is_awaited
        self._was_read = False
        self._log = log

    def readable(self) -> bool:
        """Return `is_awaited()`. The loop calls this before each poll, and after a read event."""
        if not self._was_read:
            try:
                self._before_poll()
            except Exception:  # noqa: BLE001 - supervisord does not catch it here
                self.handle_error()
        self._was_read = False
        return self._is_awaited()

    def handle_read_event(self) -> None:
        self._on_read()
        self._was_read = True

    def writable(self) -> bool:
        return False

    def handle_write_event(self) -> None:
        """Do nothing: `writable` is false."""

    def handle_error(self) -> None:
        """Log the exception that is being handled."""
        self._log(f"supervision: {traceback.format_exc()}")


class Wakeup:
    """A pipe that becomes readable when supervisord has something to do. One per process.

    Three sources write to it: the interpreter at each signal, such as SIGCHLD when a process ends
    (signal.set_wakeup_fd); the timer, ITIMER_REAL, which runs on the monotonic clock and is not
    inherited by child processes; and `kick`. The timer also calls `on_alarm`, and goes on to do so
    every `repeat_s` seconds until it is armed again.
    """

    def __init__(self, on_alarm: Callable[[], None], repeat_s: float) -> None:
        self._repeat_s = repeat_s
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGALRM, lambda *_: on_alarm())
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def fileno(self) -> int:
        return self._reader

    def kick(self) -> None:
        """Make the pipe readable now."""
        with contextlib.suppress(BlockingIOError):  # a full pipe is readable
            os.write(self._writer, b"\0")

    def arm(self, delay_s: float) -> None:
        """Make the pipe readable in `delay_s` seconds; this replaces the time set before."""
        signal.setitimer(signal.ITIMER_REAL, max(MIN_DELAY_S, delay_s), self._repeat_s)

    def drain(self) -> None:
        """Read everything: the pipe is not readable until something happens again."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, 4096):
                pass

    def close(self) -> None:
        """Disarm the timer and close the pipe.

        Signals must no longer be written to it: its number may soon be another descriptor's.
        """
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(-1)
        os.close(self._reader)
        os.close(self._writer)
