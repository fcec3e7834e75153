"""Find the numbers in which a reading differs from the one before.

The decoder (incremental_reading_decoder.py) knows them if it has compared the two. Otherwise equal
values are mostly the same objects, because label_decoding.py remembers them; another object counts
as changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import attrgetter, is_not

from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.tic_value_formats import Measurement

Changed = Mapping[str, Measurement] | None
OTHERS = attrgetter(  # what a reading says besides numbers and the time
    *("mode", "is_clock_degraded", "is_single_phase", "tariff_calendar"),
    *("texts", "status", "relays", "schedules"),
)


def changed_numbers(last: MeterReading | None, new: MeterReading) -> Changed:
    """Return the measurements of `new` that differ, None if more than these and the time differ.

    Labels that are absent, or that come in another order, are more.
    """
    if last is None:
        return None
    known = new.change
    if known and known.before is last.measurements and known.after is new.measurements:
        return known.changed
    old, current = last.measurements, new.measurements
    if [*old] != [*current] or OTHERS(last) != OTHERS(new):
        return None
    if (last.time is None) != (new.time is None):
        return None
    return dict(compress(current.items(), map(is_not, current.values(), old.values())))
