"""Readings of one meter, for the tests of what is accepted."""

from __future__ import annotations

from msgspec import structs

from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from hems.workers.eesmart_d2l.reading_validation import AcceptedReading, LinkyMeter
from hems.workers.eesmart_d2l.retained_state import LastGood
from hems.workers.eesmart_d2l.trusted_clock import Moment
from tests.fakes.linky import NOON, reading

DAY_S = 86_400


def of(time: int, registers: dict[str, int]) -> MeterReading:
    measurements = {
        label: Measurement(value, Quantity.ENERGY) for label, value in registers.items()
    }
    return structs.replace(reading(time), measurements=measurements)


def rated(new: MeterReading, **texts: str) -> MeterReading:
    """Return the reading of a meter of 6 kVA."""
    ratings = {"PCOUP": Measurement(6000, Quantity.APPARENT_POWER)}
    return structs.replace(new, measurements={**new.measurements, **ratings}, texts=texts)


def historique(time: int, option: str, **indexes: int) -> MeterReading:
    texts = {"OPTARIF": option} if option else {}
    return structs.replace(
        of(time, indexes), mode=LinkyMode.HISTORIQUE, texts=texts, tariff_calendar=option
    )


def accept(
    meter: LinkyMeter, new: MeterReading, after_s: float = 0.0, *, is_trusted: bool = True
) -> AcceptedReading:
    """Give `meter` a reading that comes `after_s` seconds after NOON."""
    return meter.accept(new, Moment(1000 + after_s, NOON + after_s if is_trusted else None))


def give(meter: LinkyMeter, minute: int, **indexes: int) -> AcceptedReading:
    return accept(meter, rated(of(NOON + 60 * minute, indexes)), 60 * minute)


def last_good(east: int, *, received_at: float | None = NOON) -> LastGood:
    return LastGood({"EAST": east}, {"PCOUP": 6000}, {"NGTF": "BASE"}, NOON, received_at)
