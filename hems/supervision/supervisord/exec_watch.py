"""Notice that the program of a process is executed: Type=exec."""

from __future__ import annotations

import os
from collections.abc import Callable

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.processes.child_start import ChildStart
from hems.supervision.processes.exec_report import ExecReport
from hems.supervision.supervisord.event_loop import Dispatcher


class ExecWatch:
    """Call `on_executed` once the program of the current start of `child` runs."""

    def __init__(
        self, child: ChildStart, on_executed: Callable[[], None], log: Callable[[str], None]
    ) -> None:
        self._child = child
        self._on_executed = on_executed
        self._log = log

    def begin(self) -> None:
        """Expect a report from the process that is forked next."""
        self.end()
        self._child.report = ExecReport()

    def wait(self) -> None:
        """Wait for the report: the process was forked, or could not be."""
        if self._child.report:
            self._child.report.close_writer()
            asyncore.socket_map[self._child.report.reader] = Dispatcher(self._log, self.look)

    def look(self) -> None:
        """Read the report if it is there."""
        is_executed = self._child.report.is_executed() if self._child.report else None
        if is_executed is not None:
            self.end()
        if is_executed:
            self._on_executed()

    def end(self) -> None:
        if self._child.report:
            asyncore.socket_map.pop(self._child.report.reader, None)
            os.close(self._child.report.reader)
            self._child.report = None
