"""Limits in time: exponential back-off, token bucket.

Pure values: time is an argument, in seconds of one monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Backoff:
    """Delays that grow from `first_s` by `factor` up to `longest_s`, a failure at a time."""

    first_s: float
    longest_s: float
    factor: float = 2.0
    failures: int = field(default=0, init=False)  # in a row

    @property
    def next_s(self) -> float:
        """Return the delay (s) that the next failure will cause."""
        return self.delay_s(self.failures + 1)

    def fail(self) -> float:
        """Count one more failure and return the delay (s) before the next attempt."""
        self.failures += 1
        return self.delay_s(self.failures)

    def reset(self) -> None:
        """Forget the failures: the next delay is `first_s`."""
        self.failures = 0

    def delay_s(self, failures: int) -> float:
        """Return the delay (s) after so many failures in a row, 1 or more."""
        try:
            growth = float(self.factor) ** (failures - 1)
        except OverflowError:
            return self.longest_s
        return min(self.longest_s, self.first_s * growth)


@dataclass
class TokenBucket:
    """At most `per_minute` events a minute, and `at_once` after a quiet time: as many, if 0."""

    per_minute: int
    at_once: int = 0
    _tokens: float = field(init=False)
    _at: float = field(default=0.0, init=False)  # monotonic seconds

    def __post_init__(self) -> None:
        self.at_once = self.at_once or self.per_minute
        self._tokens = float(self.at_once)

    def take(self, now: float) -> bool:
        """Take one token at monotonic `now` (s); return whether there was one."""
        self._tokens = self._refilled(now)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Put one token back."""
        self._tokens = min(self.at_once, self._tokens + 1)

    def has_token(self, now: float) -> bool:
        """Return whether there is a token at monotonic `now` (s)."""
        return self._refilled(now) >= 1

    def is_full(self, now: float) -> bool:
        """Return whether all `at_once` tokens are there at monotonic `now` (s)."""
        return self._refilled(now) >= self.at_once

    def _refilled(self, now: float) -> float:
        return min(self.at_once, self._tokens + (now - self._at) * self.per_minute / 60)
