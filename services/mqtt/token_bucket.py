"""Bound a rate: so much at once, and so much a second."""

from __future__ import annotations


class TokenBucket:
    """Holds at most `burst` tokens and gets `rate` a second. Times are monotonic seconds."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._at = 0.0

    def left(self, now: float) -> float:
        """Return how many tokens there are at `now`; negative if too many were taken."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    def take(self, count: float) -> None:
        self._left -= count
