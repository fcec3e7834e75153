"""How often rules may be set, so that two programs do not fight without end."""

from __future__ import annotations


class Allowance:
    """`per_minute` repairs a minute, and as many at once after a quiet minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._at = 0.0  # monotonic seconds

    def spend(self, now: float) -> bool:
        """Take one repair at monotonic `now` (s); tell whether there was one left."""
        self._left = self._earned(now)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def is_full(self, now: float) -> bool:
        """Tell whether nothing had to be repaired for a minute or so before `now` (s)."""
        return self._earned(now) >= self._per_minute

    def _earned(self, now: float) -> float:
        return min(self._per_minute, self._left + (now - self._at) * self._per_minute / 60)
