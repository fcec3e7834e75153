"""Derive values that mean the same in both modes, or that several labels give together."""

from __future__ import annotations

from hems.protocols.linky.label_names import OVERLOADS
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading

CURRENTS = ("IINST", "IINST1", "IINST2", "IINST3")


def derived_values(reading: MeterReading) -> dict[str, int | bool]:
    """Return the derived values by their key in the state; without those that were not sent."""
    values = derived_from_numbers(reading)
    if reading.mode is LinkyMode.STANDARD and reading.status is not None:
        values["over_power"] = reading.status.is_over_power
    if (is_degraded := _is_clock_degraded(reading)) is not None:
        values["clock_degraded"] = is_degraded
    if (is_closed := _is_contact_closed(reading)) is not None:
        values["relay"] = is_closed
    return values


def derived_from_numbers(reading: MeterReading) -> dict[str, int | bool]:
    """Return the derived values that can change while only numbers change."""
    values: dict[str, int | bool] = {}
    if is_producer(reading) and (net_power := _net_power(reading)) is not None:
        values["apparent_power_net"] = net_power
    if reading.mode is LinkyMode.HISTORIQUE and (is_over := _is_over_power(reading)) is not None:
        values["over_power"] = is_over
    return values


def is_producer(reading: MeterReading) -> bool:
    """Return whether the meter is set up for a home that may export energy."""
    return reading.status is not None and reading.status.is_producer


def _net_power(reading: MeterReading) -> int | None:
    """Return a producer's imported power (VA), negative while it exports."""
    imported, injected = (reading.measurements.get(label) for label in ("SINSTS", "SINSTI"))
    if imported is None or injected is None:
        return None
    return imported.value - injected.value


def _is_over_power(reading: MeterReading) -> bool | None:
    """Return whether the home uses more than the subscribed power, in HISTORIQUE.

    The meter compares each phase's current with ISOUSC. It sends the current as
    ADPS or ADIRn while it is higher (Enedis-NOI-CPT_54E, sections 6.1.1 and 6.1.2).
    """
    measured = reading.measurements
    if any(measured[label].value for label in OVERLOADS if label in measured):
        return True
    currents = [measured[label].value for label in CURRENTS if label in measured]
    if not currents:
        return None
    subscribed = measured.get("ISOUSC")
    return subscribed is not None and max(currents) > subscribed.value


def _is_clock_degraded(reading: MeterReading) -> bool | None:
    """Return whether the meter lost the time; only STANDARD says so, in DATE and in STGE."""
    status = reading.status
    if reading.mode is LinkyMode.HISTORIQUE or (status is None and reading.time is None):
        return None
    return reading.is_clock_degraded or (status is not None and status.is_clock_degraded)


def _is_contact_closed(reading: MeterReading) -> bool | None:
    """Return the state of the dry contact, which RELAIS and STGE both have."""
    if reading.relays:
        return reading.relays[0]
    return None if reading.status is None else not reading.status.is_dry_contact_open
