"""restartLog.txt: a line for each repair, for as long as the volume lives.

    2026-11-23T12:00:00Z  restart homeassistant: release 1002 has come after 1001

Written and synced before the next repair; a disk that is full costs the line, never the repair.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from hems.clients.outage import Outage
from hems.errors import Unavailable
from hems.runtime import Clock
from hems.system import files


class RestartLog:
    """Adds lines to `path`; `last` is the newest, empty before the first of this run."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._outage = Outage(str(path))
        self.last = ""

    def add(self, action: str, reason: str) -> None:
        """Note that `action` is or was taken, and why. Never raises."""
        time = datetime.fromtimestamp(self._clock.time(), UTC)
        what = " ".join(f"{action}: {reason}".split())
        self.last = f"{time:%Y-%m-%dT%H:%M:%SZ}  {what}"
        logger.warning("{}", what)
        try:
            files.append_line(self._path, self.last)
        except Unavailable as error:
            self._outage.begin(str(error), self._clock.monotonic())
        else:
            self._outage.end(self._clock.monotonic())
