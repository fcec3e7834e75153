"""What the pages for people show: the devices of the home, its contract and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role


@dataclass(frozen=True)
class PageContent:
    """The devices: `meters` are all but the Linky's. `roles` are by meter id, or name of a Linky.

    `subscribed_va` is the power of the contract, None if it is not known. `energy_sources` are the
    types of source in the energy dashboard, and "device" if it has devices. `signals` has the
    entity with the strength of a meter's radio signal, by the id of its device. `home_assistant` is
    the version of it.
    """

    linkys: tuple[DeviceEntities, ...] = ()
    homes: tuple[DeviceEntities, ...] = ()
    gateways: tuple[DeviceEntities, ...] = ()
    meters: Sequence[Meter] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    subscribed_va: float | None = None
    energy_sources: frozenset[str] = frozenset()
    signals: Mapping[str, str] = field(default_factory=dict)
    home_assistant: str = ""

    def entity(self, *keys: str) -> str | None:
        """Return the entity of the first key that the home or its Linky has, None without one."""
        own = [one for one in self.linkys if self.role_of_linky(one) is not Role.NONE]
        for key in keys:
            for node in (*self.homes, *own):
                if key in node.entities:
                    return node.entities[key]
        return None

    def role_of_linky(self, linky: DeviceEntities) -> Role:
        """Return the role of a Linky: nearly all are at the grid, a neighbour's does not count."""
        return self.roles.get(linky.name, Role.GRID)

    def of_gateway(self, key: str) -> str | None:
        """Return the gateway's entity of this key, None without one."""
        return next((one.entities[key] for one in self.gateways if key in one.entities), None)
