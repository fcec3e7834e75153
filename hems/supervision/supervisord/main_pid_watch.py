"""Notice the end of a main process that supervisord may not be able to wait for (MAINPID=)."""

from __future__ import annotations

import os
from collections.abc import Callable

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.supervisord.event_loop import Dispatcher


class MainPidWatch:
    """Call `on_end` when the process `pid` has ended and is no child of supervisord.

    Raises OSError if there is no such process.
    """

    def __init__(self, pid: int, on_end: Callable[[], None], log: Callable[[str], None]) -> None:
        self._on_end = on_end
        self._descriptor = os.pidfd_open(pid)
        asyncore.socket_map[self._descriptor] = Dispatcher(log, self._check)

    def close(self) -> None:
        asyncore.socket_map.pop(self._descriptor, None)
        os.close(self._descriptor)

    def _check(self) -> None:
        try:
            os.waitid(os.P_PIDFD, self._descriptor, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            self._on_end()  # a child of supervisord is reaped in its loop, as any other
