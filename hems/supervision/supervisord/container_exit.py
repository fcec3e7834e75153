"""End supervisord, and so its container, with the exit status that a unit's action asks for.

supervisord itself always ends with 0. It closes its HTTP server last, and with it our dispatcher:
there SystemExit passes through its main() unchanged. This works for any pid, 1 included.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from supervisor.states import SupervisorStates

from hems.supervision.units.container_end import ContainerEnd


class Killable(Protocol):
    def kill_processes(self) -> None:
        """Send SIGKILL to all processes of a unit."""


class ContainerExit:
    """The end of the run of supervisord with these `options`."""

    def __init__(self, options: Any, processes: Callable[[], Iterable[Killable]]) -> None:
        self._options = options
        self._processes = processes
        self._status: int | None = None

    def request(self, end: ContainerEnd, unit: str) -> None:
        """Begin the end, unless supervisord is ending already."""
        if self._options.mood < SupervisorStates.RUNNING:
            return
        text = f"{unit}: {end.reason} ends supervisord with exit status {end.status}"
        self._options.logger.critical(text)
        self._status = end.status
        self._options.mood = SupervisorStates.SHUTDOWN
        if end.is_forced:
            self._end_now(end.status)

    def leave(self) -> None:
        """Exit with the status that was requested, after supervisord has closed everything."""
        if self._status is not None:
            sys.exit(self._status)

    def _end_now(self, status: int) -> None:
        for process in self._processes():
            process.kill_processes()
        with contextlib.suppress(SystemExit):  # from `leave`
            self._options.close_httpservers()
        self._options.cleanup()  # the sockets and the pidfile
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
