"""Recognise the entities of Home Assistant that measure electrical energy or power.

An entity counts by its device class, state class and unit, whatever its integration or name: ZHA,
MQTT, or a meter with an integration of its own. A volume, an apparent power or a number without a
unit is left out, and so is what Home Assistant itself derives from another entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState


class MeasuredQuantity(StrEnum):
    """What an entity measures; the values are Home Assistant's device classes."""

    ENERGY = "energy"
    POWER = "power"


UNITS = {
    MeasuredQuantity.ENERGY: {"mWh": 1e-3, "Wh": 1.0, "kWh": 1e3, "MWh": 1e6, "GWh": 1e9},  # in Wh
    MeasuredQuantity.POWER: {"mW": 1e-3, "W": 1.0, "kW": 1e3, "MW": 1e6},  # in W
}
STATE_CLASSES = {
    MeasuredQuantity.ENERGY: {"total", "total_increasing"},
    MeasuredQuantity.POWER: {"measurement"},
}
DERIVED = frozenset(
    {
        "derivative",
        "energy",
        "filter",
        "group",
        "integration",
        "min_max",
        "powercalc",
        "statistics",
        "template",
        "utility_meter",
    }
)  # integrations that calculate from other entities
_PART = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class EnergyEntity:
    """One entity that measures `quantity`; its values are in `unit`.

    `parts` are those of its unique id. `words` are those of its names, in lower case.
    """

    entity_id: str
    device_id: str
    platform: str
    quantity: MeasuredQuantity
    unit: str
    parts: tuple[str, ...]
    words: frozenset[str]
    name: str
    labels: frozenset[str]
    device_type: str = ""  # of the Zigbee cluster library, for example "PV Generation"

    @property
    def factor(self) -> float:
        """Return what a value is multiplied with to get Wh or W."""
        return UNITS[self.quantity][self.unit]


def energy_entities(
    registry: Iterable[RegistryEntry], states: Iterable[EntityState]
) -> Iterator[EnergyEntity]:
    """Yield the entities that measure energy or power, of devices that people see."""
    of_entity = {state.entity_id: state.attributes for state in states}
    for entry in registry:
        attributes = of_entity.get(entry.entity_id)
        if attributes is None or not entry.device_id or entry.platform in DERIVED:
            continue
        if entry.disabled_by or entry.hidden_by or not entry.entity_id.startswith("sensor."):
            continue
        for quantity in MeasuredQuantity:
            is_one = attributes.device_class == quantity
            is_one = is_one and attributes.state_class in STATE_CLASSES[quantity]
            if is_one and attributes.unit_of_measurement in UNITS[quantity]:
                yield EnergyEntity(
                    entry.entity_id,
                    entry.device_id,
                    entry.platform,
                    quantity,
                    attributes.unit_of_measurement,
                    tuple(_PART.findall(str(entry.unique_id).lower())),
                    words(*_names(entry)),
                    entry.name or entry.original_name or "",
                    frozenset(entry.labels),
                    attributes.device_type or "",
                )


def _names(entry: RegistryEntry) -> Iterator[str]:
    yield str(entry.unique_id)
    yield entry.translation_key or ""
    yield entry.original_name or ""


def words(*texts: str) -> frozenset[str]:
    """Return the words of the texts, in lower case: "ENERGY_Total 2" has three."""
    return frozenset(word for text in texts for word in _WORD.findall(text.lower()))
