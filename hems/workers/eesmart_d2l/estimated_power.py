"""Estimate the mean power of a home from the differences of what its meter has counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

WINDOW_S = 600.0
LONG_ENOUGH_S = 180.0  # 1 Wh is then 20 W
ENOUGH_WH = 20  # 1 Wh is then 5 % of the estimate
REMEMBERED_TOTALS = 128
SECONDS_PER_HOUR = 3600.0


class EstimatedPower:
    """The estimate of one meter, from the energy that each frame adds."""

    def __init__(self) -> None:
        self._totals: deque[tuple[float, int]] = deque(maxlen=REMEMBERED_TOTALS)

    def add(self, time: float, drawn_wh: int, capacity_va: float) -> float | None:
        """Return the mean power (W), after another `drawn_wh` at `time` (unix s), None if unknown.

        It never exceeds what the meter can carry.
        """
        total = (self._totals[-1][1] if self._totals else 0) + drawn_wh
        self._totals.append((time, total))
        power = estimated_power(self._totals)
        if power is None or 0 <= power <= capacity_va:
            return power
        return 0.0 if power < 0 else capacity_va

    def clear(self) -> None:
        """Forget what was counted, because another count or clock has begun."""
        self._totals.clear()


def estimated_power(totals: Sequence[tuple[float, int]]) -> float | None:
    """Return the mean power (W) over the last of `totals`: (unix seconds, Wh), oldest first.

    An index counts whole Wh, so a short span is coarse: 1 Wh in a minute is 60 W. The span is the
    shortest that resolves the estimate to 5 %, or to 20 W if that is more. Return None if there is
    no such span within WINDOW_S.
    """
    end, newest = totals[-1] if totals else (0.0, 0)
    for time, total in reversed(totals):
        span_s, counted_wh = end - time, newest - total
        if span_s > WINDOW_S:
            break
        if span_s > 0 and (span_s >= LONG_ENOUGH_S or counted_wh >= ENOUGH_WH):
            return counted_wh * SECONDS_PER_HOUR / span_s
    return None
