"""restartLog.txt: a line for each repair, for as long as the volume lives.

    2026-11-23T12:00:00Z  restart homeassistant: release 1002 has come after 1001

Written and synced before the next repair; a disk that is full costs the line, never the repair.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from hems.clients.outage import Outage
from hems.errors import Unavailable
from hems.runtime import Clock
from hems.system import files

TAIL = 4096  # bytes, more than a line has


class RestartLog:
    """Adds lines to `path`; `last` is the newest whole one, empty if there is none.

    `is_writable`: files can be written beside it, as far as was seen in the last step.
    """

    name = "restart log"

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._outage = Outage(str(path))
        self.last = _last_line(path)
        self.is_writable = True

    def step(self, _now: float) -> None:
        """Look whether a line could be written. Raises Unavailable if not."""
        self.is_writable = False
        files.require_writable(self._path.parent)
        self.is_writable = True

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


def _last_line(path: Path) -> str:
    """Return the last line of `path`, without what was torn off at its end."""
    try:
        with path.open("rb") as file:
            file.seek(-min(TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
            tail = file.read(TAIL)
    except OSError:
        return ""
    whole = tail.rpartition(b"\n")[0]
    return whole.rpartition(b"\n")[2].decode(errors="replace")
