"""The preferences of Home Assistant's energy dashboard (2026.10, energy/save_prefs).

The grid consumption is the total of each meter, which continues through every change of contract
and meter; so the source never changes. The sum of the tariff indexes would miss a tariff whose
index is still zero and so has no entity yet. The tariff indexes are shown as consumers within the
total, which is how Home Assistant divides a total.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, Literal

import msgspec

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.linky.label_names import INDEXES
from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES

# A home that hems 0.1.0 announced in STANDARD has its total under the name of EAST.
TOTALS = ("energy_total", "east")
INJECTED = "eait"
OTHERS = {"EAST", "EAIT", *DISTRIBUTOR_INDEXES, *REACTIVE_INDEXES}
TARIFFS = tuple(label.lower() for label in INDEXES if label not in OTHERS)

# All keys, because Home Assistant returns all, and we compare what it returns.
NO_PRICE: dict[str, float | None] = {
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": None,
    "stat_compensation": None,
    "entity_energy_price_export": None,
    "number_energy_price_export": None,
    "cost_adjustment_day": 0.0,  # a float, as Home Assistant returns it
}


class _Grid(msgspec.Struct, forbid_unknown_fields=True):
    """A grid without a price."""

    type: Literal["grid"]
    stat_energy_from: str | None
    stat_energy_to: str | None
    stat_cost: None
    entity_energy_price: None
    number_energy_price: None
    stat_compensation: None
    entity_energy_price_export: None
    number_energy_price_export: None
    cost_adjustment_day: float


class _Consumer(msgspec.Struct, forbid_unknown_fields=True):
    stat_consumption: str


class _Preferences(msgspec.Struct, forbid_unknown_fields=True):
    energy_sources: list[_Grid]
    device_consumption: list[_Consumer]
    device_consumption_water: list[_Consumer] = []


def total_keys(meter: DeviceEntities) -> list[str]:
    """Return the key of the meter's total, none if it has no total yet."""
    return [key for key in TOTALS if key in meter.entities][:1]


def preferences(meters: Iterable[DeviceEntities], sums: Container[str]) -> dict[str, Any] | None:
    """Return the preferences for the meters' entities that have statistics, `sums`.

    Returns None while no meter's total has statistics.
    """
    sources: list[dict[str, Any]] = []
    tariffs: list[str] = []
    for meter in meters:
        known = {key: entity for key, entity in meter.entities.items() if entity in sums}
        for total in [known[key] for key in total_keys(meter) if key in known]:
            sold = known.get(INJECTED)
            source = {"type": "grid", "stat_energy_from": total, "stat_energy_to": sold}
            sources.append(source | NO_PRICE)
            parts = [known[key] for key in TARIFFS if key in known]
            tariffs += parts if len(parts) > 1 else []
    if not sources:
        return None
    return {
        "energy_sources": sources,
        "device_consumption": [{"stat_consumption": entity} for entity in tariffs],
        "device_consumption_water": [],
    }


def as_saved_before_2026(content: object) -> dict[str, Any] | None:
    """Return the preferences from which Home Assistant made `content`, if hems had saved them.

    Up to 2025 there was one grid with lists of what flows from it and to it. At its first start a
    later release makes one grid of each pair of their items. None if a person has changed them.
    """
    try:
        preferences = msgspec.convert(content, _Preferences)
    except msgspec.ValidationError:
        return None
    price = {"entity_energy_price": None, "number_energy_price": None}
    bought = [grid.stat_energy_from for grid in preferences.energy_sources if grid.stat_energy_from]
    sold = [grid.stat_energy_to for grid in preferences.energy_sources if grid.stat_energy_to]
    grid = {
        "type": "grid",
        "flow_from": [{"stat_energy_from": one, "stat_cost": None, **price} for one in bought],
        "flow_to": [{"stat_energy_to": one, "stat_compensation": None, **price} for one in sold],
        "cost_adjustment_day": 0.0,
    }
    consumers = [
        {"stat_consumption": one.stat_consumption} for one in preferences.device_consumption
    ]
    return {"energy_sources": [grid], "device_consumption": consumers}
