"""Limit the lines of a log: time is an argument, in monotonic seconds."""

from __future__ import annotations

from collections.abc import Callable


class _Interval:
    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at  # monotonic seconds
        self.lines = 0


class RateLimitedLog:
    """Write at most `burst` lines per `interval_s` for each key; then write how many were dropped.

    The caller bounds the number of keys, and calls `flush` now and then. These are lines of the
    supervisor itself; logs/log_level_and_rate_filter.py limits those of a unit.
    """

    def __init__(self, write: Callable[[str], None], burst: int, interval_s: float) -> None:
        self._write = write
        self._burst = burst
        self._interval_s = interval_s
        self._intervals: dict[str, _Interval] = {}

    def add(self, key: str, line: str, now: float) -> None:
        """Write `line`, or count it as dropped, at monotonic `now` (s)."""
        self.flush(now)
        interval = self._intervals.setdefault(key, _Interval(now + self._interval_s))
        interval.lines += 1
        if interval.lines <= self._burst:
            self._write(line)

    def flush(self, now: float) -> None:
        """Write what was dropped in the intervals that ended by monotonic `now` (s)."""
        ended = [key for key, interval in self._intervals.items() if now >= interval.ends_at]
        for key in ended:
            dropped = self._intervals.pop(key).lines - self._burst
            if dropped > 0:
                self._write(f"{key}: {dropped} more lines like this were dropped")
