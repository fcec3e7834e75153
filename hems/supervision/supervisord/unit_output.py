"""Take the output of a unit's process, filter its lines, and write them without waiting."""

from __future__ import annotations

import time
from typing import Any

from supervisor import events
from supervisor.dispatchers import PInputDispatcher, POutputDispatcher

from hems.supervision.logs.log_level_and_rate_filter import LogFilter
from hems.supervision.settings.log_directives import LogSettings
from hems.supervision.supervisord.nonblocking_logs import NonblockingLogs


class UnitOutput(POutputDispatcher):  # type: ignore[misc]  # supervisor has no types
    """One channel of the output: stdout or stderr."""

    def __init__(
        self, process: Any, event_type: Any, fd: int, log_filter: LogFilter, logs: NonblockingLogs
    ) -> None:
        self._filter = log_filter
        self._logs = logs
        super().__init__(process, event_type, fd)

    def _init_normallog(self) -> None:
        super()._init_normallog()
        if self.normallog is not None:
            self._logs.adopt(self.normallog)

    def _log(self, data: bytes) -> None:
        """Log what has arrived; what a program sends to event listeners is not its log."""
        if not self.capturemode:
            data = self._filter.receive(data, time.monotonic())
        super()._log(data)

    def end(self) -> None:
        """Log what is left, because the process has ended."""
        super()._log(self._filter.end(time.monotonic()))


def make_dispatchers(
    process: Any, settings: LogSettings, name: str, logs: NonblockingLogs
) -> tuple[dict[int, Any], dict[str, int | None]]:
    """Return what ProcessConfig.make_dispatchers returns, with our own class for the output."""
    options = process.config.options
    pipes = options.make_pipes(not process.config.redirect_stderr)
    try:
        return _dispatchers(process, settings, name, logs, pipes), pipes
    except OSError:  # a log cannot be opened
        options.close_parent_pipes(pipes)
        options.close_child_pipes(pipes)
        raise


def _dispatchers(
    process: Any,
    settings: LogSettings,
    name: str,
    logs: NonblockingLogs,
    pipes: dict[str, int | None],
) -> dict[int, Any]:
    dispatchers: dict[int, Any] = {}
    for channel, event_type in (
        ("stdout", events.ProcessCommunicationStdoutEvent),
        ("stderr", events.ProcessCommunicationStderrEvent),
    ):
        if (fd := pipes[channel]) is not None:
            lines = LogFilter(settings, name)
            dispatchers[fd] = UnitOutput(process, event_type, fd, lines, logs)
    if (fd := pipes["stdin"]) is not None:
        dispatchers[fd] = PInputDispatcher(process, "stdin", fd)
    return dispatchers
