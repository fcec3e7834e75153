"""Write the health of every unit to a file that any worker may read (health_json.py)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from hems.supervision.health import health_json
from hems.supervision.health.health_row import HealthRow
from hems.supervision.outage_log import OutageLog
from hems.supervision.spare_descriptor import SpareDescriptor

WRITE_S = 2.0


class HealthFile:
    """Replace the file at `path` every WRITE_S seconds; without a path do nothing.

    A round of supervisord's loop takes a second at most: no timer wakes it up for this.
    """

    def __init__(self, path: Path | None, log: Callable[[str], None]) -> None:
        self._path = path
        self._outage = OutageLog("health_file", log, log)
        self._next_write_at = -math.inf
        self._spare = SpareDescriptor()

    def previous(self, now: float) -> Iterable[HealthRow]:
        """Return the rows that an earlier supervisord has left, none unless from this boot."""
        if self._path is None:
            return []
        try:
            return health_json.decode(self._path.read_text(encoding="utf-8"), now)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return []  # the first start after a boot, or another version's file

    def close(self) -> None:
        self._spare.close()

    def write(self, now: float, report: Callable[[float], str]) -> None:
        """Write the `report` of `now` (monotonic s) if it is due."""
        if self._path is None or now < self._next_write_at:
            return
        self._next_write_at = now + WRITE_S
        with self._outage.watching(now), self._spare.lent():
            _replace(self._path, report(now))


def _replace(path: Path, text: str) -> None:
    """Replace the file without fsync: it is on tmpfs, and useless after a boot."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o644)  # whatever the umask is
    unfinished.replace(path)
