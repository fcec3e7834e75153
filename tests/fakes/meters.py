"""Meters of a home, as Home Assistant's registries and states show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState, StateAttributes
from hems.protocols.meters.energy_entity_recognition import energy_entities
from hems.protocols.meters.meter_inventory import Meter, meters

KWH = StateAttributes(
    device_class="energy", state_class="total_increasing", unit_of_measurement="kWh"
)
W = StateAttributes(device_class="power", state_class="measurement", unit_of_measurement="W")
TIME = datetime(2026, 12, 1, tzinfo=UTC)


class Home(NamedTuple):
    """Devices and entities; `add` adds one of each kind at a time."""

    devices: list[DeviceEntry]
    entries: list[RegistryEntry]
    states: list[EntityState]

    def device(self, name: str, **fields: object) -> DeviceEntry:
        device = DeviceEntry(id=f"id-{name}", name=name, **fields)  # type: ignore[arg-type]
        self.devices.append(device)
        return device

    def entity(
        self,
        device: DeviceEntry,
        unique_id: str,
        attributes: StateAttributes = KWH,
        *,
        name: str = "",
        platform: str = "zha",
        domain: str = "sensor",
        **fields: object,
    ) -> str:
        """Add an entity of the device and return its id."""
        entity_id = f"{domain}.{unique_id}"
        self.entries.append(
            RegistryEntry(
                entity_id,
                platform,
                unique_id,
                original_name=name or None,
                device_id=device.id,
                **fields,  # type: ignore[arg-type]
            )
        )
        self.states.append(EntityState(entity_id, "1", attributes, TIME))
        return entity_id

    def meters(self) -> tuple[Meter, ...]:
        domains: dict[str, frozenset[str]] = {}
        for entry in self.entries:
            domain = entry.entity_id.partition(".")[0]
            domains[entry.device_id or ""] = domains.get(entry.device_id or "", frozenset()) | {
                domain
            }
        return meters(self.devices, energy_entities(self.entries, self.states), domains)


def home() -> Home:
    return Home([], [], [])
