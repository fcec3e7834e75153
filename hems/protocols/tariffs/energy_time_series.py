"""The energy of one entity over time, as Home Assistant's statistics have it.

Hours that are complete come as hours, newer ones as slots of five minutes. What was counted while
Home Assistant was off is in the first slot after that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from hems.protocols.meters.plausible_energy import SLOT_S, CountedEnergy
from hems.protocols.tariffs.local_periods import Period

HOUR_S = 3600.0


class EnergySlot(NamedTuple):
    """From unix time `begin` on, for `seconds`, `wh` were counted."""

    begin: float
    seconds: float
    wh: float

    @property
    def end(self) -> float:
        return self.begin + self.seconds


_begin = itemgetter(0)


class EnergySeries:
    """The slots of an entity, in order and without overlap."""

    def __init__(
        self, hours: Iterable[CountedEnergy] = (), parts: Iterable[CountedEnergy] = ()
    ) -> None:
        """`parts` are slots of five minutes: they count for the hours that they are in."""
        fine = [EnergySlot(one.begin, SLOT_S, one.wh) for one in parts]
        in_parts = {one.begin // HOUR_S for one in fine}
        whole = (one for one in hours if one.begin // HOUR_S not in in_parts)
        slots = [*(EnergySlot(one.begin, HOUR_S, one.wh) for one in whole), *fine]
        self.slots = sorted(slots, key=_begin)

    @property
    def end(self) -> float | None:
        """Return when the newest slot ends, None if there is none."""
        return self.slots[-1].end if self.slots else None

    def within(self, period: Period) -> list[EnergySlot]:
        """Return the slots that begin in the period."""
        first = bisect_left(self.slots, period.begin, key=_begin)
        return self.slots[first : bisect_left(self.slots, period.end, key=_begin)]

    def energy(self, period: Period) -> float | None:
        """Return the energy of a period (Wh), None if it is not known."""
        if period.end <= period.begin:
            return 0.0 if self.is_known_at(period.begin) else None
        slots = self.within(period)
        if not slots or slots[-1].end > period.end:
            return None
        return sum(slot.wh for slot in slots)

    def is_known_at(self, at: float) -> bool:
        """Return whether something was counted at or before unix time `at` (s)."""
        return bool(self.slots) and self.slots[0].begin <= at
