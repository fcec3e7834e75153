"""A bounded queue before a log whose reader may pause: a pipe, a terminal or a socket.

Writing never waits. What the reader does not take stays in the queue; what does not fit is dropped
and counted. The owner calls `send` whenever the descriptor is writable.
"""

from __future__ import annotations

import os
import select
import socket
import stat
import time
from collections.abc import Callable

LIMIT = 256 * 1024  # bytes; dropping ends once the queue is half empty
CHUNK = 65536


class LogQueue:
    """Write to the file behind `descriptor`, as a stream of supervisord's log handlers.

    `on_dropped` is called with the number of lost lines once the reader is back. Raises OSError
    without such a file.
    """

    def __init__(self, descriptor: int, on_dropped: Callable[[int], None]) -> None:
        self._descriptor, self._write = _without_waiting(descriptor)
        self._on_dropped = on_dropped
        self._queue = bytearray()
        self._dropped = 0  # lines

    def fileno(self) -> int:
        return self._descriptor

    @property
    def is_waiting(self) -> bool:
        return bool(self._queue)

    def write(self, data: bytes) -> None:
        """Write complete lines now, later or never."""
        is_full = len(self._queue) + len(data) > LIMIT
        if is_full or (self._queue and self._dropped):
            self._dropped += max(1, data.count(b"\n"))
            return
        self._queue += data
        if len(self._queue) == len(data):
            self.send()

    def flush(self) -> None:
        """Do nothing: a log handler calls this after each line."""

    def send(self) -> None:
        """Write as much of the queue as the reader takes."""
        try:
            while self._queue:
                del self._queue[: self._write(self._descriptor, bytes(self._queue[:CHUNK]))]
        except BlockingIOError:
            pass
        except OSError:  # the reader is gone for good, or the disk is full
            self._dropped += self._queue.count(b"\n")
            self._queue.clear()
            return
        if self._dropped and len(self._queue) < LIMIT // 2:
            dropped, self._dropped = self._dropped, 0
            self._on_dropped(dropped)

    def close(self, patience_s: float = 0.2) -> None:
        """Wait `patience_s` at most for the reader to take the rest, then close."""
        if self._descriptor < 0:
            return
        until = time.monotonic() + patience_s
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        while self._queue and (left_s := until - time.monotonic()) > 0:
            if poll.poll(left_s * 1000):
                self.send()
        os.close(self._descriptor)
        self._descriptor = -1  # the number may soon be another file's


def open_again(descriptor: int) -> int:
    """Return a descriptor of the same file that never blocks. Raises OSError, for a socket too."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    return os.open(f"/proc/self/fd/{descriptor}", flags)


def _without_waiting(descriptor: int) -> tuple[int, Callable[[int, bytes], int]]:
    """Return a descriptor of the same file for us alone, and how to write to it.

    O_NONBLOCK on the shared description would reach whoever else writes there. Opening a pipe again
    makes a description of our own. That is not possible with a socket, and with a pipe of another
    user: then the state is asked first.
    """
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return os.dup(descriptor), _send
    try:
        return open_again(descriptor), os.write
    except PermissionError:
        return os.dup(descriptor), _write_what_fits


def _write_what_fits(descriptor: int, data: bytes) -> int:
    """Write as much as a pipe takes for certain: PIPE_BUF bytes when it is writable, pipe(7)."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    if not poll.poll(0):
        raise BlockingIOError
    return os.write(descriptor, data[: select.PIPE_BUF])


def _send(descriptor: int, data: bytes) -> int:
    """Write to a socket without waiting, whatever its flags are."""
    end = socket.socket(fileno=descriptor)
    try:
        return end.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    finally:
        end.detach()
