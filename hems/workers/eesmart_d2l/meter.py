"""What is known of one Linky, and what of a new reading may be believed.

There is no counter in the protocol, so an old frame can be sent again: a reading
whose time lies before the last one's is refused. An index that decreased, or jumped
by more than any meter can carry, is held at its last good value, or Home Assistant
would record a reset of the total.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hems.protocols.linky import Reading
from hems.workers.eesmart_d2l.refusals import Reason, Refused

CLOCK_TOLERANCE_S = 300.0
MAX_POWER_W = 250_000.0  # the largest Linky is made for 36 kVA
MAX_JUMP_WH = 1_000  # beside what MAX_POWER_W allows: two readings of one second
POWER_WINDOW_S = 600.0
POWER_STEP_W = 20.0  # wanted resolution of the estimate, or 5 % of it
POWER_STEP_RATIO = 0.05
REMEMBERED_TOTALS = 128
SECONDS_PER_HOUR = 3600.0


TOTAL = "energy_total"  # kept like an index; in HISTORIQUE it is the sum of the tariff's


@dataclass(frozen=True)
class Accepted:
    """A reading that may be published.

    `held` has the last good value (Wh) of each index that was not believed; `power_w`
    is the estimate from index differences, None while there is nothing to compare.
    """

    reading: Reading
    held: Mapping[str, int]
    power_w: float | None


class Meter:
    """Accepts the readings of one device, in order."""

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._indexes: dict[str, int] = {}
        self._totals: deque[tuple[float, int]] = deque(maxlen=REMEMBERED_TOTALS)

    def accept(self, reading: Reading, wall_s: float | None) -> Accepted:
        """Check `reading` against what is known and remember it.

        `wall_s` is the gateway's own time (unix seconds), None while it is not trusted.
        Raises Refused if the reading's time runs backwards.
        """
        elapsed = self._elapsed(reading, wall_s)
        if elapsed is None or self._may_start_anew(reading):
            self._totals.clear()
        if self._may_start_anew(reading):
            self._indexes.clear()
        held = self._hold(reading, elapsed)
        if reading.time is not None and reading.total_wh is not None and TOTAL not in held:
            self._totals.append((reading.time, reading.total_wh))
        self._last = reading
        return Accepted(reading, held, estimated_power(self._totals))

    def _elapsed(self, reading: Reading, wall_s: float | None) -> float | None:
        """Return the seconds since the last reading by the meter's clock, None if unknown."""
        last = self._last
        if last is None or last.time is None or reading.time is None:
            return None
        if last.is_clock_degraded or reading.is_clock_degraded:
            return None
        elapsed = reading.time - last.time
        if elapsed >= 0:
            return elapsed
        if wall_s is not None and was_set_right(last.time, reading.time, wall_s):
            return None
        raise Refused(Reason.TIME, f"{-elapsed:.0f} s before the reading that was last accepted")

    def _may_start_anew(self, reading: Reading) -> bool:
        """Tell whether indexes may fall: another meter, or another tariff calendar."""
        last = self._last
        return last is not None and (last.identity, last.tariff_calendar) != (
            reading.identity,
            reading.tariff_calendar,
        )

    def _hold(self, reading: Reading, elapsed: float | None) -> dict[str, int]:
        """Remember the believable indexes; return the last good value of the others."""
        found = dict(reading.indexes)
        if reading.total_wh is not None:
            found[TOTAL] = reading.total_wh
        most = math.inf if elapsed is None else elapsed * MAX_POWER_W / SECONDS_PER_HOUR
        held = {}
        for label, value in found.items():
            known = self._indexes.get(label, value)
            if known <= value <= known + most + MAX_JUMP_WH:
                self._indexes[label] = value
            else:
                held[label] = known
        return held


def was_set_right(last: float, new: float, wall: float) -> bool:
    """Tell whether the meter's clock was ahead and has been set: `new` is the time it is.

    All in unix seconds. An old frame sent again fails this: its time is not now.
    """
    return last > wall + CLOCK_TOLERANCE_S and abs(new - wall) <= CLOCK_TOLERANCE_S


def estimated_power(totals: Sequence[tuple[float, int]]) -> float | None:
    """Return the mean power (W) over the last of `totals`, (unix seconds, Wh), oldest first.

    An index counts whole Wh, so a short span is coarse: 1 Wh in a minute is 60 W. The
    span is the shortest that resolves the estimate to 5 %, or 20 W if that is more, and
    POWER_WINDOW_S at most. None while there is no earlier reading within the window.
    """
    power = None
    for time, total in list(totals)[-2::-1]:
        span = totals[-1][0] - time
        if span > POWER_WINDOW_S:
            break
        if span <= 0:
            continue
        power = (totals[-1][1] - total) * SECONDS_PER_HOUR / span
        if span * max(POWER_STEP_W, POWER_STEP_RATIO * power) >= SECONDS_PER_HOUR:
            break
    return power
