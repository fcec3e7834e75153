"""Readings for tests that are not about the protocol."""

from __future__ import annotations

from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.tic_value_formats import Measurement, Quantity

NOON = 1_700_000_000


def reading(
    time: int | None = NOON,
    *,
    identity: str = "one meter",
    calendar: str = "BASE",
    is_clock_degraded: bool = False,
    firmware: str = "",
    **indexes: int,
) -> MeterReading:
    """Return a STANDARD reading with the given indexes in Wh."""
    return MeterReading(
        mode=LinkyMode.STANDARD,
        time=time,
        is_clock_degraded=is_clock_degraded,
        identity=identity,
        tariff_calendar=calendar,
        firmware=firmware,
        is_single_phase=True,
        measurements={
            label: Measurement(value, Quantity.ENERGY) for label, value in indexes.items()
        },
        texts={},
        status=None,
        relays=(),
        schedules={},
        malformed={},
    )
