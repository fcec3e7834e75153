"""Read the meters of the home from Home Assistant's registries and states.

Of a Linky its total and what it injects are a meter; its registers are parts of the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hems.protocols.gateway.home_entities import HOME
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.energy_dashboard import INJECTED, POWERS, TARIFFS, total_keys
from hems.protocols.home_assistant.entity_registry import (
    METER,
    DeviceEntities,
    RegistryEntry,
    nodes,
)
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.meters.energy_entity_recognition import EnergyEntity, energy_entities
from hems.protocols.meters.meter_inventory import Meter, meters, roles
from hems.protocols.meters.meter_roles import Role


@dataclass(frozen=True)
class HouseholdMeters:
    """The meters of the home, the role of each by its id, and the Linkys among them."""

    meters: tuple[Meter, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    linkys: Sequence[DeviceEntities] = ()

    @property
    def others(self) -> list[Meter]:
        """Return the meters that are no Linky."""
        return [meter for meter in self.meters if self.linky(meter) is None]

    def of_role(self, role: Role) -> list[Meter]:
        """Return the meters of a role."""
        return [meter for meter in self.meters if self.roles.get(meter.id) is role]

    def linky(self, meter: Meter) -> DeviceEntities | None:
        """Return all entities of the Linky that a meter is, None if it is none."""
        own = {entity.entity_id for entity in meter.entities}
        return next((one for one in self.linkys if own & {*one.entities.values()}), None)


def household_meters(
    registry: Iterable[RegistryEntry], states: Iterable[EntityState], devices: Iterable[DeviceEntry]
) -> HouseholdMeters:
    """Return the meters of the home; what the gateway itself calculates is none."""
    registry = [*registry]
    linkys = nodes(registry, METER)
    entities = [*_without_parts(energy_entities(registry, states), linkys, nodes(registry, HOME))]
    register = meters(devices, entities, _domains(registry))
    return HouseholdMeters(register, roles(register), linkys)


def _without_parts(
    entities: Iterable[EnergyEntity],
    linkys: Iterable[DeviceEntities],
    calculated: Iterable[DeviceEntities],
) -> Iterator[EnergyEntity]:
    """Yield the entities without those of a Linky that count what its total counts, too."""
    kept = set[str]()
    left_out = {entity for device in calculated for entity in device.entities.values()}
    for linky in linkys:
        keys = (*total_keys(linky), INJECTED, *[key for key in POWERS if key in linky.entities][:1])
        kept |= {linky.entities[key] for key in keys if key in linky.entities}
        left_out |= {*linky.entities.values()}
    for entity in entities:
        if entity.entity_id in kept or entity.entity_id not in left_out:
            yield entity


def _domains(registry: Iterable[RegistryEntry]) -> dict[str, frozenset[str]]:
    """Return the domains of the visible entities of each device, by its id."""
    domains: dict[str, set[str]] = {}
    for entry in registry:
        if entry.device_id and not (entry.disabled_by or entry.hidden_by):
            domains.setdefault(entry.device_id, set()).add(entry.entity_id.partition(".")[0])
    return {device: frozenset(some) for device, some in domains.items()}


def tariff_registers(linky: DeviceEntities) -> dict[str, str]:
    """Return the entity id of each register that a Linky can have, by label.

    The entity of a register that the meter no longer has was removed, but its statistics stay under
    the id that the gateway gave it.
    """
    return {key.upper(): linky.entities.get(key, f"sensor.{linky.name}_{key}") for key in TARIFFS}
