"""Log what was dropped, without letting whoever causes it fill the log."""

from __future__ import annotations

from collections.abc import Callable

PERIOD_S = 10.0
LINES = 3  # in a period


class DropLog:
    """At most LINES lines per PERIOD_S, then one line with the number of those left out."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._until = 0.0
        self._count = 0

    def add(self, line: str, now: float) -> None:
        """Log `line`, or count it. `now` is in monotonic seconds."""
        self.flush(now)
        if not self._count:
            self._until = now + PERIOD_S
        self._count += 1
        if self._count <= LINES:
            self._log(line)

    def flush(self, now: float) -> None:
        """Report what was left out, once the period is over."""
        if now < self._until:
            return
        if self._count > LINES:
            self._log(f"{self._count - LINES} more notifications were dropped")
        self._count = 0
