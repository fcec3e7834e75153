"""Let no reader of a log hold up supervisord: its pipes, terminals and sockets get a queue.

Stock supervisord waits until its output is read. Whatever it writes to its own stdout, or to
/dev/fd/1 for a program, goes through one LogQueue for each such file instead. A log in a regular
file stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import stat
import traceback
from typing import Any

from supervisor import loggers
from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.logs.log_queue import LogQueue


class NonblockingLogs:
    """The outlets of one run of supervisord, by file."""

    def __init__(self, server_options: Any) -> None:
        self._options = server_options
        self._warn = server_options.logger.warn
        self._outlets: dict[tuple[int, int], LogQueue] = {}
        self.adopt(server_options.logger)

    def adopt(self, logger: Any) -> None:
        """Replace the handlers of `logger` that may have to wait for a reader."""
        for index, handler in enumerate(logger.handlers):
            if outlet := self._outlet(handler):
                unblocked = loggers.StreamHandler(outlet)
                unblocked.setFormat(handler.fmt)
                unblocked.setLevel(handler.level)
                logger.handlers[index] = unblocked
                with contextlib.suppress(OSError):
                    handler.close()  # it leaves stdout and stderr open

    def close(self) -> None:
        """Write what the readers still take, and forget the files: a reload opens them again."""
        for outlet in self._outlets.values():
            asyncore.socket_map.pop(outlet.fileno(), None)
            outlet.close()
        self._outlets.clear()

    def _outlet(self, handler: Any) -> LogQueue | None:
        """Return the outlet to the handler's file, None for a file that has no reader."""
        try:
            descriptor = handler.stream.fileno()
            status, is_terminal = os.fstat(descriptor), os.isatty(descriptor)
        except (AttributeError, OSError, ValueError):
            return None  # a handler without a file
        has_reader = is_terminal or stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode)
        if isinstance(handler.stream, LogQueue) or not has_reader:
            return None
        key = (status.st_dev, status.st_ino)
        if key not in self._outlets:
            try:
                self._outlets[key] = self._open(descriptor)
            except OSError as error:  # it belongs to another user
                self._warn(f"supervision: the reader of a log may hold up supervisord: {error}")
                return None
        return self._outlets[key]

    def _open(self, descriptor: int) -> LogQueue:
        outlet = LogQueue(descriptor, self._report)
        dispatcher = OutletDispatcher(outlet, self._options)
        asyncore.socket_map[outlet.fileno()] = dispatcher
        return outlet

    def _report(self, dropped: int) -> None:
        self._warn(f"supervision: {dropped} lines of the log were dropped, as nothing read it")


class OutletDispatcher:
    """Send from `outlet` whenever its reader takes something."""

    def __init__(self, outlet: LogQueue, server_options: Any) -> None:
        self._outlet = outlet
        self._options = server_options
        self._log = server_options.logger.error
        self._is_registered = False

    def readable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        """Do nothing: `readable` is false."""

    def writable(self) -> bool:
        """Return whether to wait for the reader. The loop calls this before each poll.

        Try to send first: the poll has no event for a reader that is gone.
        """
        if self._outlet.is_waiting:
            self._outlet.send()
        if self._is_registered and not self._outlet.is_waiting:
            self._options.poller.unregister_writable(self._outlet.fileno())
        self._is_registered = self._outlet.is_waiting
        return self._is_registered

    def handle_write_event(self) -> None:
        """Do nothing: `writable` sends before the next poll."""

    def handle_error(self) -> None:
        """Log the exception that is being handled."""
        self._log(f"supervision: {traceback.format_exc()}")
