"""The entities and the state of one Linky, computed again only where a reading differs.

What depends on numbers alone is updated; any other difference computes everything again.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky import linky_entities, linky_state
from hems.protocols.linky.changed_numbers import Changed
from hems.protocols.linky.labels import PEAK_BEGINS, PEAK_ENDS
from hems.protocols.linky.linky_state import State
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.next_tariff_change import TariffChange
from hems.protocols.linky.tic_value_formats import Measurement

ANNOUNCED = {"PEJP", *PEAK_BEGINS, *PEAK_ENDS}  # mobile peaks, which begin and end with time


class LinkyEntityCache:
    """What is shown of the newest reading: the keys of its entities, and their `state`.

    `keys` stays the same object while nothing but numbers changes.
    """

    def __init__(self) -> None:
        self._measurements: Mapping[str, Measurement] = {}
        self._has_announced = False
        self._change: TariffChange | None = None
        self.keys: frozenset[str] = frozenset()
        self.state: State = {}

    def update(
        self, reading: MeterReading, change: TariffChange | None, changed: Changed
    ) -> State | None:
        """Show `reading`, and the next `change` of the tariff; return what is new in `state`.

        `changed`: the numbers that differ from those of the reading shown, None if more differs.
        Return None if all of the state may be new.
        """
        new = None
        if changed is None or change is not self._change or self._affects_more(changed):
            self.keys = frozenset(one.key for one in linky_entities.entities(reading))
            self.state = linky_state.state(reading) | linky_state.change_state(change)
            self._has_announced = not reading.measurements.keys().isdisjoint(ANNOUNCED)
        else:
            new = linky_state.numbers_state(reading, changed)
            self.state |= new
        self._measurements, self._change = reading.measurements, change
        return new

    def _affects_more(self, changed: Mapping[str, Measurement]) -> bool:
        """Return whether the `changed` numbers, or the time, may affect more than their own states.

        An unused register, which is zero, has no entity.
        """
        if self._has_announced:
            return True
        last = self._measurements
        for label, one in changed.items():
            before = last[label]
            if (not one.value) != (not before.value) or (one.at is None) != (before.at is None):
                return True
        return False
