"""The preferences of Home Assistant's energy dashboard (2025.3, energy/save_prefs).

The grid consumption is the total of each meter, which continues through every change of contract
and meter; so the source never changes. The sum of the tariff indexes would miss a tariff whose
index is still zero and so has no entity yet. The tariff indexes are shown as consumers within the
total, which is how Home Assistant divides a total.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.linky.label_names import INDEXES
from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES

# A home that hems 0.1.0 announced in STANDARD has its total under the name of EAST.
TOTALS = ("energy_total", "east")
INJECTED = "eait"
OTHERS = {"EAST", "EAIT", *DISTRIBUTOR_INDEXES, *REACTIVE_INDEXES}
TARIFFS = tuple(label.lower() for label in INDEXES if label not in OTHERS)

# The page needs both keys.
NO_PRICE: dict[str, float | None] = {"entity_energy_price": None, "number_energy_price": None}


def total_keys(meter: DeviceEntities) -> list[str]:
    """Return the key of the meter's total, none if it has no total yet."""
    return [key for key in TOTALS if key in meter.entities][:1]


def preferences(meters: Iterable[DeviceEntities], sums: Container[str]) -> dict[str, Any] | None:
    """Return the preferences for the meters' entities that have statistics, `sums`.

    Returns None while no meter's total has statistics.
    """
    bought: list[str] = []
    sold: list[str] = []
    tariffs: list[str] = []
    for meter in meters:
        known = {key: entity for key, entity in meter.entities.items() if entity in sums}
        total = [known[key] for key in total_keys(meter) if key in known]
        bought += total
        sold += [known[INJECTED]] if total and INJECTED in known else []
        parts = [known[key] for key in TARIFFS if key in known]
        tariffs += parts if total and len(parts) > 1 else []
    if not bought:
        return None
    grid = {
        "type": "grid",
        "flow_from": [
            {"stat_energy_from": entity, "stat_cost": None, **NO_PRICE} for entity in bought
        ],
        "flow_to": [
            {"stat_energy_to": entity, "stat_compensation": None, **NO_PRICE} for entity in sold
        ],
        "cost_adjustment_day": 0.0,  # a float, as Home Assistant returns it
    }
    consumers = [{"stat_consumption": entity} for entity in tariffs]
    return {"energy_sources": [grid], "device_consumption": consumers}
