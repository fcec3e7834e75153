"""Errors in Home Assistant's log, kept in sight for a while after the last one."""

from __future__ import annotations

from typing import Protocol

from hems.clients.outage import Outage
from hems.errors import Unavailable
from hems.protocols import home_assistant_log


class Log(Protocol):
    """hems.system.log_follower.LogFollower."""

    @property
    def has_more(self) -> bool: ...
    def lines(self) -> list[str]: ...
    def close(self) -> None: ...


class Errors:
    """Latches on a line of level ERROR or CRITICAL, for `shown_s` seconds."""

    def __init__(self, log: Log, shown_s: float) -> None:
        self._log = log
        self._shown_s = shown_s
        self._outage = Outage("Home Assistant's log")
        self._logger = ""
        self.last_at: float | None = None
        self.count = 0

    @property
    def outage(self) -> str:
        """Return why there is no log to look at, empty while there is one."""
        return self._outage.reason

    def look(self, now: float) -> bool:
        """Take what is new in the log at monotonic `now` (s); tell whether there is more."""
        try:
            lines = self._log.lines()
        except Unavailable as error:
            self._outage.begin(str(error), now)
            return False
        self._outage.end(now)
        for line in lines:
            entry = home_assistant_log.entry(line)
            if entry is not None and entry.is_error:
                self._logger, self.last_at = entry.logger, now
                self.count += 1
        return self._log.has_more

    def recent(self, now: float) -> str:
        """Return who logged the last error, empty when that is `shown_s` ago."""
        if self.last_at is None or now - self.last_at >= self._shown_s:
            return ""
        return self._logger
