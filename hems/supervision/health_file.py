"""The health of every unit in a file that any worker may read: hems/protocols/health_report.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from hems.supervision import health
from hems.supervision.health import Row

WRITE_S = 2.0


class HealthFile:
    """Replace `path` when due; without a path, never."""

    def __init__(self, path: Path | None, log: Callable[[str], None]) -> None:
        self._path = path
        self._log = log
        self._trouble = ""
        self._due = -math.inf

    def write(self, now: float, rows: Callable[[], Iterable[Row]]) -> float:
        """Write `rows` if it is time; return when that is again. Both are monotonic seconds."""
        if self._path is None:
            return math.inf
        if now >= self._due:
            self._due = now + WRITE_S
            self._replace(self._path, health.as_report(rows(), now))
        return self._due

    def _replace(self, path: Path, text: str) -> None:
        """Not synced: on tmpfs, and of no use after a boot."""
        unfinished = path.with_name(f".{path.name}.new")
        trouble = ""
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            trouble = f"health_file: {error}"
        if trouble != self._trouble:
            self._log(trouble or f"health_file: {path} is written again")
            self._trouble = trouble
