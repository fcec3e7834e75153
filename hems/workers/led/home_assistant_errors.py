"""Find errors in Home Assistant's log, and show the last one for a while."""

from __future__ import annotations

from hems.errors import Unavailable
from hems.protocols.home_assistant import log_file_entry
from hems.system.log_follower import LogFollower
from hems.worker_outage_log import Outage


class RecentErrors:
    """The lines of level ERROR or CRITICAL in `log`, of which the last is recent for `shown_s`."""

    def __init__(self, log: LogFollower, shown_s: float) -> None:
        self._log = log
        self._shown_s = shown_s
        self._outage = Outage("Home Assistant's log")
        self._last_logger = ""
        self.last_at: float | None = None
        self.count = 0

    @property
    def outage(self) -> str:
        """Return why the log cannot be read, empty if it can."""
        return self._outage.reason

    def read(self, now: float) -> bool:
        """Read the new lines at monotonic `now` (s); return whether there are more."""
        try:
            lines = self._log.lines()
        except Unavailable as error:
            self._outage.begin(str(error), now)
            return False
        self._outage.end(now)
        for line in lines:
            entry = log_file_entry.entry(line)
            if entry is not None and entry.is_error:
                self._last_logger, self.last_at = entry.logger, now
                self.count += 1
        return self._log.has_more

    def recent_logger(self, now: float) -> str:
        """Return the logger of the last error, empty once that is `shown_s` ago."""
        if self.last_at is None or now - self.last_at >= self._shown_s:
            return ""
        return self._last_logger
