"""Measure how long the loop that judges deadlines was delayed: no unit must suffer for that.

While supervisord is stopped, or blocked by its log or by a disk, it hears no notification, and the
queue of its socket overflows. Such a delay shows where the loop wakes later than it wanted, or
works for longer than a round may take. All times are monotonic seconds.
"""

from __future__ import annotations

TOLERANCE_S = 0.25  # of a busy machine: shorter delays do not count


class LoopDelayDetector:
    """Return the length of each delay once, 0 if there was none."""

    def __init__(self) -> None:
        self._woke_at: float | None = None
        self._waits_since: float | None = None
        self._waits_until = 0.0

    def wait(self, now: float, until: float) -> float:
        """Record that the loop waits `until` at the latest; return how long its work delayed it."""
        worked_s = 0.0 if self._woke_at is None else now - self._woke_at
        self._woke_at, self._waits_since, self._waits_until = None, now, until
        return worked_s if worked_s > TOLERANCE_S else 0.0

    def wake(self, now: float) -> float:
        """Record that the loop runs again; return how long it was delayed.

        A wait that ended too late counts as a whole: it may have been delayed from its beginning.
        """
        self._woke_at = now
        if self._waits_since is None or now - self._waits_until <= TOLERANCE_S:
            return 0.0
        return now - self._waits_since
