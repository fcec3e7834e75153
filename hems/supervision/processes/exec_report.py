"""Tell supervisord when a child process executes its program: Type=exec, as systemd does it.

The child writes 1 to a pipe right before execve(2), and 0 if that fails. Success closes the pipe
(FD_CLOEXEC) after the 1.
"""

from __future__ import annotations

import os

_BEGUN, _FAILED = b"1", b"0"


class ExecReport:
    """One pipe for one start. The parent reads from `reader` when it is readable."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._last = b""

    def begin(self) -> None:
        """Record, in the child, that the program is executed next."""
        os.write(self.writer, _BEGUN)

    def fail(self) -> None:
        """Record, in the child, that it was not executed."""
        os.write(self.writer, _FAILED)

    def close_writer(self) -> None:
        """Close the end of the child; a process that is not executed does it itself."""
        os.close(self.writer)

    def is_executed(self) -> bool | None:
        """Return, in the parent, whether the program runs; None while this is not known."""
        try:
            while data := os.read(self.reader, 16):
                self._last = data[-1:]
        except BlockingIOError:
            return None
        return self._last == _BEGUN
