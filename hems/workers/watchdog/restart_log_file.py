"""restartLog.txt: a line for each of the newest repairs.

    2026-11-23T12:00:00Z  restart homeassistant: release changed from 1001 to 1002

Each line is on disk before the next repair. A full disk costs the line, never the repair. When the
file exceeds MAX_BYTES, its older half is removed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from hems.errors import Unavailable
from hems.system import files, line_files
from hems.worker_outage_log import Outage
from hems.worker_runtime import Clock

MAX_BYTES = 500_000
TAIL = 4096  # bytes, more than a line has


class RestartLog:
    """Append lines to `path`.

    `last` is the newest complete line, or what was shown after it; empty if there is none.
    `is_writable`: whether files could be written in the directory of `path` in the last step.
    """

    name = "restart log"

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._outage = Outage(self.name)
        self.last = _last_line(path)
        self.is_writable = True

    def step(self, _now: float) -> None:
        """Check that a line could be written. Raises Unavailable if not."""
        self.is_writable = False
        files.require_writable(self._path.parent)
        self.is_writable = True

    def add(self, action: str, reason: str) -> None:
        """Record `action`, done or about to be done, and its reason. Never raises."""
        self.show(action, reason)
        try:
            line_files.append_line(self._path, self.last)
            line_files.keep_tail(self._path, MAX_BYTES)
        except Unavailable as error:
            self._outage.begin(str(error), self._clock.monotonic())
        else:
            self._outage.end(self._clock.monotonic())

    def show(self, action: str, reason: str) -> None:
        """Make this the `last` line, and log it, without writing it to the card."""
        time = datetime.fromtimestamp(self._clock.time(), UTC)
        text = " ".join(f"{action}: {reason}".split())
        self.last = f"{time:%Y-%m-%dT%H:%M:%SZ}  {text}"
        logger.warning("{}", text)


def _last_line(path: Path) -> str:
    """Return the last complete line of `path`, without an unfinished one after it."""
    try:
        complete = files.read_end(path, TAIL).rpartition(b"\n")[0]
    except Unavailable:
        return ""
    return complete.rpartition(b"\n")[2].decode(errors="replace")
