"""What Home Assistant shows of a Linky: entities for what a reading has, and their state.

A register becomes an entity once it has counted something, because a meter sends the
unused ones as zeros; Tempo's colours once one was announced. The serial and the delivery
point are not in a Reading and so never here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum

from hems.protocols.ha_discovery import Entity, Platform
from hems.protocols.linky import Mode, Reading
from hems.protocols.linky_fields import DISTRIBUTOR_INDEXES, QUANTITIES
from hems.protocols.linky_names import (
    CONTRACT_TEXTS,
    HIGHEST,
    INDEXES,
    LIVE,
    RATINGS,
    TARIFF_INDEX,
    TEXTS,
)
from hems.protocols.linky_status import Breaker, StatusRegister, TempoColour
from hems.protocols.linky_values import Quantity

State = dict[str, str | int | bool | None]

DEVICE_CLASSES = {
    Quantity.ENERGY: "energy",
    Quantity.APPARENT_POWER: "apparent_power",
    Quantity.CURRENT: "current",
    Quantity.VOLTAGE: "voltage",
}  # Home Assistant 2025.3 has no class for reactive energy yet
STATE_CLASSES = dict.fromkeys(INDEXES, "total_increasing") | dict.fromkeys(LIVE, "measurement")
NAMES = {**INDEXES, **LIVE, **HIGHEST, **RATINGS, **TARIFF_INDEX}
TOTAL = Entity(
    "energy_total",
    "Energy total",
    device_class="energy",
    state_class="total_increasing",
    unit=Quantity.ENERGY.unit,
)
ALWAYS = (  # the worker adds the state of the last three
    Entity("date", "Meter clock", device_class="timestamp", is_diagnostic=True),
    Entity(
        "power_estimated",
        "Power estimated",
        device_class="power",
        state_class="measurement",
        unit=Quantity.POWER.unit,
        precision=0,
    ),
    Entity("last_frame", "Last frame", device_class="timestamp", is_diagnostic=True),
    Entity(
        "firmware_update_wanted",
        "Firmware update wanted",
        Platform.BINARY_SENSOR,
        device_class="update",
        is_diagnostic=True,
    ),
)


def words(member: Enum) -> str:
    """Return an enum's member as Home Assistant shows it: its name, in words."""
    return member.name.lower().replace("_", " ")


COLOURS = tuple(words(colour) for colour in TempoColour)
TEMPO = (
    Entity("tempo_today", "Tempo colour today", device_class="enum", options=COLOURS),
    Entity("tempo_tomorrow", "Tempo colour tomorrow", device_class="enum", options=COLOURS),
)
STATUS = (
    Entity(
        "breaker",
        "Breaker",
        device_class="enum",
        options=tuple(words(cause) for cause in Breaker),
        is_diagnostic=True,
    ),
    Entity("over_power", "Above subscribed power", Platform.BINARY_SENSOR, "problem"),
    Entity("overvoltage", "Overvoltage", Platform.BINARY_SENSOR, "problem", is_diagnostic=True),
    Entity("cover", "Meter cover", Platform.BINARY_SENSOR, "opening", is_diagnostic=True),
)
RELAY = Entity("relay", "Tariff relay", Platform.BINARY_SENSOR)


def entities(reading: Reading) -> tuple[Entity, ...]:
    """Return an entity for each thing that `reading` knows, in a fixed order."""
    return (*_measured(reading), *_texts(reading), *_status(reading), *ALWAYS)


def state(reading: Reading) -> State:
    """Return the JSON object the entities read: keys in lower case, times in ISO 8601.

    A dated number's time is under its key with `_at`.
    """
    found: State = {"date": _iso(reading.time)}
    for label, measured in reading.measurements.items():
        found[label.lower()] = measured.value
        if measured.at is not None:
            found[f"{label.lower()}_at"] = _iso(measured.at)
    found |= {label.lower(): text for label, text in reading.texts.items()}
    if reading.mode is Mode.HISTORIQUE:
        found["energy_total"] = reading.total_wh
    if reading.status is not None:
        found |= _status_state(reading.status)
    if reading.relays:
        found["relay"] = reading.relays[0]
    return found


def _measured(reading: Reading) -> Iterator[Entity]:
    for label, name in NAMES.items():
        measured = reading.measurements.get(label)
        if measured is None or (label in INDEXES and not measured.value):
            continue
        yield _entity(label, name.removesuffix(" phase 1") if reading.is_single_phase else name)
    if reading.mode is Mode.HISTORIQUE and reading.total_wh:
        yield TOTAL


def _entity(label: str, name: str) -> Entity:
    quantity, key = QUANTITIES[label], label.lower()
    return Entity(
        key,
        name,
        device_class=DEVICE_CLASSES.get(quantity, ""),
        state_class=STATE_CLASSES.get(label, ""),
        unit=quantity.unit,
        attributes=(f"{key}_at",) if label in HIGHEST else (),
        is_diagnostic=label in RATINGS,
        is_enabled=label not in DISTRIBUTOR_INDEXES,
    )


def _texts(reading: Reading) -> Iterator[Entity]:
    for label, name in TEXTS.items():
        if label in reading.texts:
            yield Entity(label.lower(), name, is_diagnostic=label in CONTRACT_TEXTS)


def _status(reading: Reading) -> Iterator[Entity]:
    status = reading.status
    if status is not None:
        yield from STATUS
        if {status.tempo_today, status.tempo_tomorrow} != {TempoColour.NOT_ANNOUNCED}:
            yield from TEMPO
    if reading.relays:
        yield RELAY


def _status_state(status: StatusRegister) -> State:
    return {
        "breaker": words(status.breaker),
        "over_power": status.is_over_power,
        "overvoltage": status.has_overvoltage,
        "cover": status.is_cover_open,
        "tempo_today": words(status.tempo_today),
        "tempo_tomorrow": words(status.tempo_tomorrow),
    }


def _iso(time: int | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()
