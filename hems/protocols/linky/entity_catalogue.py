"""Every entity that a Linky of any mode and contract can have in Home Assistant."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

from hems.protocols.home_assistant.mqtt_discovery import Entity, Platform
from hems.protocols.linky.label_names import (
    CONTRACT_TEXTS,
    HIGHEST,
    INDEXES,
    LIVE,
    LOAD_CURVE,
    OVERLOADS,
    RATINGS,
    TARIFF_INDEX,
    TEXTS,
)
from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, QUANTITIES
from hems.protocols.linky.labels import TEXTS as ALL_TEXTS
from hems.protocols.linky.packed_values import Breaker, EuridisOutput, PlcState, TempoColour
from hems.protocols.linky.tic_value_formats import Quantity

DEVICE_CLASSES = {
    Quantity.ENERGY: "energy",
    Quantity.POWER: "power",
    Quantity.APPARENT_POWER: "apparent_power",
    Quantity.CURRENT: "current",
    Quantity.VOLTAGE: "voltage",
}  # none for reactive energy: Home Assistant 2025.3, which had none, may come back
STATE_CLASSES = dict.fromkeys(INDEXES, "total_increasing") | dict.fromkeys(
    (*LIVE, *LOAD_CURVE, *OVERLOADS), "measurement"
)
NAMES = {**INDEXES, **LIVE, **LOAD_CURVE, **OVERLOADS, **HIGHEST, **RATINGS, **TARIFF_INDEX}
KEYS = {label: label.lower() for label in (*QUANTITIES, *ALL_TEXTS)}
DATED = {*HIGHEST, *LOAD_CURVE}
IMPORT, EXPORT = "import", "export"


@cache
def words(member: Enum) -> str:
    """Return the name of an enum's member in words, for Home Assistant."""
    return member.name.lower().replace("_", " ")


def _enum(key: str, name: str, members: type[Enum], *, is_diagnostic: bool = False) -> Entity:
    options = tuple(words(member) for member in members)
    return Entity(key, name, device_class="enum", options=options, is_diagnostic=is_diagnostic)


def _binary(
    key: str,
    name: str,
    device_class: str = "",
    *,
    attributes: tuple[str, ...] = (),
    is_diagnostic: bool = False,
) -> Entity:
    platform = Platform.BINARY_SENSOR
    return Entity(
        key, name, platform, device_class, attributes=attributes, is_diagnostic=is_diagnostic
    )


TOTAL = Entity(
    "energy_total",
    "Energy total",
    device_class="energy",
    state_class="total_increasing",
    unit=Quantity.ENERGY.unit,
)
NET_POWER = Entity(  # negative while the home exports
    "apparent_power_net",
    "Net apparent power",
    device_class="apparent_power",
    state_class="measurement",
    unit=Quantity.APPARENT_POWER.unit,
)
TEMPO = (
    _enum("tempo_today", "Tempo colour today", TempoColour),
    _enum("tempo_tomorrow", "Tempo colour tomorrow", TempoColour),
)
PEAKS = (
    _binary(
        "peak_notice",
        "Peak notice",
        attributes=(
            "peak_notice_number",
            "peak_begins",
            "peak_ends",
            "peak_schedule",
            "peak_notice_min",
        ),
    ),
    _binary("peak", "Peak in progress", attributes=("peak_number", "peak_ends")),
)
OVER_POWER = _binary("over_power", "Above subscribed power", "problem")
DIRECTION = Entity(
    "energy_direction", "Energy direction", device_class="enum", options=(IMPORT, EXPORT)
)
CLOCK_DEGRADED = _binary("clock_degraded", "Meter clock degraded", "problem", is_diagnostic=True)
RELAY = _binary("relay", "Dry contact")
STATUS = (
    _enum("breaker", "Breaker", Breaker, is_diagnostic=True),
    _binary("overvoltage", "Overvoltage", "problem", is_diagnostic=True),
    _binary("cover", "Meter cover", "opening", is_diagnostic=True),
    _binary("producer", "Producer", is_diagnostic=True),
    Entity("supplier_index", "Supplier tariff index", is_diagnostic=True),
    Entity("distributor_index", "Distributor tariff index", is_diagnostic=True),
    _enum("euridis", "Euridis output", EuridisOutput, is_diagnostic=True),
    _enum("plc", "Power line communication", PlcState, is_diagnostic=True),
    _binary(
        "plc_synchronised",
        "Power line communication synchronised",
        "connectivity",
        is_diagnostic=True,
    ),
)
NEXT_CHANGE = Entity(  # the worker adds its state, except for the schedule
    "next_tariff_change",
    "Next tariff change",
    device_class="timestamp",
    attributes=("next_tariff_index", "next_tariff_name", "schedule_today", "schedule_tomorrow"),
)
ALWAYS = (  # the worker adds the states of the last three
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
    _binary("firmware_update_wanted", "Firmware update wanted", "update", is_diagnostic=True),
)


@cache
def catalogue(*, is_single_phase: bool) -> Mapping[str, Entity]:
    """Return every entity by its key; a single-phase meter's names do not mention a phase."""
    suffix = " phase 1" if is_single_phase else ""
    every = (
        *(_measured(label, name.removesuffix(suffix)) for label, name in NAMES.items()),
        NET_POWER,
        *(_text(label, name) for label, name in TEXTS.items()),
        TOTAL,
        *(OVER_POWER, *STATUS, DIRECTION, CLOCK_DEGRADED, *TEMPO, *PEAKS, RELAY, NEXT_CHANGE),
        *ALWAYS,
    )
    return {entity.key: entity for entity in every}


def _measured(label: str, name: str) -> Entity:
    quantity, key = QUANTITIES[label], KEYS[label]
    return Entity(
        key,
        name,
        device_class=DEVICE_CLASSES.get(quantity, ""),
        state_class=STATE_CLASSES.get(label, ""),
        unit=quantity.unit,
        attributes=(f"{key}_at",) if label in DATED else (),
        is_diagnostic=label in RATINGS,
        is_enabled=label not in DISTRIBUTOR_INDEXES,
    )


def _text(label: str, name: str) -> Entity:
    return Entity(KEYS[label], name, is_diagnostic=label in CONTRACT_TEXTS)
