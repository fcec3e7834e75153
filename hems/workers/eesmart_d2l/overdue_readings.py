"""Tell when a dongle's next reading is overdue. A dongle pushes about one a minute."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

SHORTEST_S = 60.0  # the pace of a real dongle; a few frames can follow each other sooner
LATE = 1.25  # a dongle first has to read the meter and to reach the Wi-Fi
REMEMBERED = 6


class ReadingPace:
    """The usual time between two readings of one dongle."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, now: float) -> None:
        """Record a reading that arrived at monotonic `now` (s)."""
        self._times.append(now)

    def is_overdue(self, now: float) -> bool:
        """Return whether the next reading should have arrived before monotonic `now` (s)."""
        if not self._times:
            return False
        intervals = [later - earlier for earlier, later in pairwise(self._times)]
        usual_s = max(SHORTEST_S, median(intervals or [0.0]))
        return now - self._times[-1] > LATE * usual_s
