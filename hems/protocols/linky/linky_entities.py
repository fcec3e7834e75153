"""The entities that a Linky has in Home Assistant, from a reading.

A meter sends unused registers empty or as zeros, so one becomes an entity once it is above zero,
or at once if the contract counts in it. Other entities appear when the meter has what they show.
"""

from __future__ import annotations

from collections.abc import Iterator

from hems.protocols.home_assistant.mqtt_discovery import Entity
from hems.protocols.linky.derived_values import derived_values, is_producer
from hems.protocols.linky.entity_catalogue import (
    ALWAYS,
    DIRECTION,
    KEYS,
    NAMES,
    NEXT_CHANGE,
    PEAKS,
    STATUS,
    TEMPO,
    catalogue,
)
from hems.protocols.linky.label_names import INDEXES, OVERLOADS, TEXTS
from hems.protocols.linky.labels import (
    INJECTED,
    OPTION_INDEXES,
    SUPPLIER_INDEXES,
    TEMPO_INDEXES,
)
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.tariff_announcements import is_tempo, mobile_peaks, tempo_colours

ONLY_IN_USE = {*INDEXES, *INJECTED, *OVERLOADS}


def entities(reading: MeterReading) -> tuple[Entity, ...]:
    """Return an entity for each value that `reading` has, in a fixed order.

    The worker adds the total, which one reading does not tell.
    """
    every = catalogue(is_single_phase=reading.is_single_phase)
    measured = tuple(every[KEYS[label]] for label in _measured_labels(reading))
    texts = tuple(every[KEYS[label]] for label in TEXTS if label in reading.texts)
    derived = tuple(every[key] for key in derived_values(reading))
    return (*measured, *texts, *derived, *_status(reading), *_tariff(reading), *ALWAYS)


def all_entities() -> tuple[Entity, ...]:
    """Return every entity that a Linky of any mode and contract can have, in a fixed order."""
    return tuple(catalogue(is_single_phase=False).values())


def _measured_labels(reading: MeterReading) -> Iterator[str]:
    measurements, registers = reading.measurements, _contract_registers(reading)
    used = {*registers, *(("EAIT", *INJECTED) if is_producer(reading) else ())}
    begun = {*registers} if not measurements.keys().isdisjoint(registers) else set()
    for label in NAMES:
        measured = measurements.get(label)
        if label in begun or (
            measured and (measured.value or label not in ONLY_IN_USE or label in used)
        ):
            yield label


def _contract_registers(reading: MeterReading) -> tuple[str, ...]:
    """Return the registers that the contract uses from its first day, also zero or unknown."""
    if reading.mode is LinkyMode.HISTORIQUE:
        return OPTION_INDEXES.get(reading.tariff_calendar[:3], ())
    return SUPPLIER_INDEXES[:TEMPO_INDEXES] if is_tempo(reading) else ()


def _status(reading: MeterReading) -> Iterator[Entity]:
    status = reading.status
    if status is not None:
        yield from STATUS
        if status.is_producer or status.is_energy_negative:
            yield DIRECTION


def _tariff(reading: MeterReading) -> Iterator[Entity]:
    if tempo_colours(reading) is not None:
        yield from TEMPO
    if mobile_peaks(reading) is not None:
        yield from PEAKS
    if len({slot.index for slot in reading.schedules.get("PJOURF+1", ())} - {None}) > 1:
        yield NEXT_CHANGE
