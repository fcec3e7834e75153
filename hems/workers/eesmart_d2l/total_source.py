"""Find the registers that the total of a delivery point is made of."""

from __future__ import annotations

from collections.abc import Mapping, Set

import msgspec

from hems.protocols.linky.labels import OPTION_INDEXES
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.workers.eesmart_d2l.energy_register import Limit

Labels = tuple[str, ...]
SOURCES: tuple[Labels, ...] = (("EAST",), *OPTION_INDEXES.values())


class Total(msgspec.Struct, frozen=True):
    """The total (Wh) of a delivery point, when the registers `source` had counted `value` (Wh).

    `at` is the time of the meter's clock then (unix s), None if it is unknown.
    """

    source: Labels
    value: int
    total: int
    at: int | None

    @property
    def offset(self) -> int:
        """Return how far the total is above its source, in Wh; it may be negative."""
        return self.total - self.value


class SourceValue(msgspec.Struct, frozen=True):
    """What a source has counted (Wh); `is_held` if one of its registers is doubted."""

    labels: Labels
    wh: int
    is_held: bool


class RegisterFrame(msgspec.Struct, frozen=True):
    """The registers of one accepted frame.

    `values`: Wh by label, as the meter sent them; `held`: the labels of those that are doubted.
    `option`: the tariff option. `limit`: the frame's time, and what the meter can count.
    """

    values: Mapping[str, int]
    held: Set[str]
    option: str
    limit: Limit

    def source(self, labels: Labels) -> SourceValue | None:
        """Return the sum of the registers `labels`, None if one is missing."""
        wh = 0
        for label in labels:
            value = self.values.get(label)
            if value is None:
                return None
            wh += value
        return SourceValue(labels, wh, is_held=not self.held.isdisjoint(labels))

    def counting(self, *, other_than: Labels = ()) -> SourceValue | None:
        """Return the source that has counted something; the option's own if there are several."""
        own = OPTION_INDEXES.get(self.option[:3], ())
        by_preference = sorted(SOURCES, key=lambda labels: labels != own)
        sources = (self.source(labels) for labels in by_preference if labels != other_than)
        return next(
            (source for source in sources if source and source.wh and not source.is_held), None
        )

    def following(self, last: Labels) -> SourceValue | None:
        """Return the source that continues the total of the source `last`, None without one.

        A meter sends nothing, or zero, in the registers that it does not use.
        """
        own = self.source(last)
        if own and own.wh and not own.is_held:
            return own
        return self.counting(other_than=last) or own


def total_sources(reading: MeterReading) -> Labels:
    """Return the registers whose sum is all energy drawn, empty if they are not known."""
    present = reading.measurements.keys()
    if reading.mode is LinkyMode.STANDARD:
        return ("EAST",) if "EAST" in present else ()
    for labels in OPTION_INDEXES.values():
        if {*labels} <= present:
            return labels
    return ()
