"""The energy dashboard's preferences, in the form of Home Assistant 2025.3 (energy/save_prefs).

From the grid counts the total index of each meter: a tariff's index appears only once it has
counted something, and whoever adds up those of today misses tomorrow's. They are shown as
consumers within the total instead, which is how Home Assistant splits it up.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from hems.protocols.ha_registry import Node
from hems.protocols.linky_fields import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES
from hems.protocols.linky_names import INDEXES

TOTALS = ("east", "energy_total")  # STANDARD, HISTORIQUE
INJECTED = "eait"
OTHERS = {"EAST", "EAIT", *DISTRIBUTOR_INDEXES, *REACTIVE_INDEXES}
TARIFFS = tuple(label.lower() for label in INDEXES if label not in OTHERS)

# Both keys: the page does not open without them.
NO_PRICE: dict[str, float | None] = {"entity_energy_price": None, "number_energy_price": None}


def preferences(meters: Iterable[Node], sums: Container[str]) -> dict[str, Any] | None:
    """Return the preferences for what `sums`, the statistics, has of the meters.

    None while it has no meter's total.
    """
    bought: list[str] = []
    sold: list[str] = []
    tariffs: list[str] = []
    for meter in meters:
        known = {key: entity for key, entity in meter.entities.items() if entity in sums}
        total = [known[key] for key in TOTALS if key in known][:1]
        bought += total
        sold += [known[INJECTED]] if total and INJECTED in known else []
        parts = [known[key] for key in TARIFFS if key in known]
        tariffs += parts if total and len(parts) > 1 else []
    if not bought:
        return None
    grid = {
        "type": "grid",
        "flow_from": [{"stat_energy_from": one, "stat_cost": None, **NO_PRICE} for one in bought],
        "flow_to": [{"stat_energy_to": one, "stat_compensation": None, **NO_PRICE} for one in sold],
        "cost_adjustment_day": 0.0,  # a float, as it is returned
    }
    consumers = [{"stat_consumption": one} for one in tariffs]
    return {"energy_sources": [grid], "device_consumption": consumers}
