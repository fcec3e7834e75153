"""Remember how many phases a meter has: once three-phase, it stays so until it is replaced."""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.single_or_three_phase import (
    lacks_imax,
    of_single_phase,
    of_three_phases,
    three_phase_values,
)
from hems.protocols.linky.tic_value_formats import Measurement

CERTAIN = 2  # signs in one reading
CONFIRMED = 5  # readings in a row
TELLING = frozenset({"ADIR1", "IMAX"})  # besides the values of phases 2 and 3


class MeterPhases:
    """The phases of one meter, learnt from its readings.

    Two signs in one reading prove three phases. A single one may be a wrong value, and needs
    CONFIRMED readings. A missing IMAX is proof while no reading has had one.
    """

    def __init__(self) -> None:
        self._is_three = False
        self._has_imax = False
        self._signs = 0
        self._identity = ""
        self._of_another = 0  # readings in a row of another meter
        self._settled: Mapping[str, Measurement] | None = None  # of a reading that was complete

    def remember(self, *, is_three: bool, has_imax: bool) -> None:
        """Start with what was published before a restart."""
        self._is_three, self._has_imax = is_three, has_imax

    def complete(self, reading: MeterReading) -> MeterReading:
        """Learn from `reading`, and return it with the phases that the meter has."""
        if self._says_the_same(reading):
            self._settled = reading.measurements
            return reading
        completed = self._completed(reading)
        is_unchanged = completed is reading and not self._of_another
        is_settled = is_unchanged and (self._is_three or not self._signs)
        self._settled = reading.measurements if is_settled else None
        return completed

    def _says_the_same(self, reading: MeterReading) -> bool:
        """Return whether the reading says of the phases what the last one did, which was complete.

        A decoder that compared the two found the same labels and the same number of phases.
        """
        change = reading.change
        if change is None or change.before is not self._settled:
            return False
        return change.after is reading.measurements and TELLING.isdisjoint(change.changed)

    def _completed(self, reading: MeterReading) -> MeterReading:
        self._learn(reading)
        if self._is_three:
            return of_three_phases(reading)
        return reading if reading.is_single_phase else of_single_phase(reading)

    def _learn(self, reading: MeterReading) -> None:
        if reading.identity in ("", self._identity):
            self._of_another = 0
        elif self._is_replaced(reading.identity):
            self._is_three = self._has_imax = False
        lacks = lacks_imax(reading)
        signs = three_phase_values(reading) + lacks
        self._signs = self._signs + 1 if signs else 0
        is_proof = lacks and not self._has_imax
        if signs >= CERTAIN or self._signs >= CONFIRMED or is_proof:
            self._is_three = True
        self._has_imax |= "IMAX" in reading.measurements and not lacks

    def _is_replaced(self, identity: str) -> bool:
        """Return whether CONFIRMED readings came from this meter, another than those before."""
        self._of_another += 1
        if self._identity and self._of_another < CONFIRMED:
            return False
        was_known = bool(self._identity)
        self._identity, self._of_another = identity, 0
        return was_known
