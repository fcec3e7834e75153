"""Return a meter's reading with confirmed values where its own were doubted or absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from hems.protocols.linky.labels import HISTORIQUE_LABELS, QUANTITIES, REGISTERS
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.tic_value_formats import Measurement

Value = TypeVar("Value", int, str)


@dataclass
class Terms:
    """The confirmed `ratings` and `texts` of a contract that a meter sends in its `mode`."""

    mode: LinkyMode = LinkyMode.STANDARD
    all_ratings: Mapping[str, int] = field(default_factory=dict)
    all_texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ratings = _of_mode(self.all_ratings, self.mode)
        self.texts = _of_mode(self.all_texts, self.mode)

    def renewed(
        self, mode: LinkyMode, ratings: Mapping[str, int], texts: Mapping[str, str]
    ) -> Terms:
        """Return the terms after a reading: these, unless its mode or an object is another one."""
        if mode is self.mode and ratings is self.all_ratings and texts is self.all_texts:
            return self
        return Terms(mode, ratings, texts)

    def are_in(self, reading: MeterReading) -> bool:
        """Return whether a reading has these ratings and texts."""
        measurements = reading.measurements
        for label, value in self.ratings.items():
            if label not in measurements or measurements[label].value != value:
                return False
        return self.texts.items() <= reading.texts.items()


def cleaned_reading(
    reading: MeterReading, sent: Mapping[str, int], registers: Mapping[str, int], terms: Terms
) -> MeterReading:
    """Return the reading with `registers` in place of those `sent`, and with the terms."""
    if (registers is sent or registers == sent) and terms.are_in(reading):
        return reading
    own = reading.measurements
    measurements = {label: measured for label, measured in own.items() if label not in REGISTERS}
    for label, value in (*registers.items(), *terms.ratings.items()):
        measured = own.get(label)
        if measured is None or measured.value != value:
            measured = Measurement(value, QUANTITIES[label])
        measurements[label] = measured
    calendar = "NGTF" if reading.mode is LinkyMode.STANDARD else "OPTARIF"
    return replace(
        reading,
        measurements=measurements,
        texts={**reading.texts, **terms.texts},
        tariff_calendar=terms.texts.get(calendar, ""),
    )


def _of_mode(values: Mapping[str, Value], mode: LinkyMode) -> dict[str, Value]:
    if mode is LinkyMode.HISTORIQUE:
        return {label: value for label, value in values.items() if label in HISTORIQUE_LABELS}
    return {label: value for label, value in values.items() if label not in HISTORIQUE_LABELS}
