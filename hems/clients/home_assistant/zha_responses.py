"""The form of ZHA's responses, over HTTP and websocket, as of Home Assistant 2026.10.

Only the members that hems needs are decoded; all others are ignored.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class ZhaEntity(msgspec.Struct, frozen=True):
    entity_id: str


class ZhaNeighbor(msgspec.Struct, frozen=True):
    """Another device that a router hears; `relationship` is "Child" for one that depends on it."""

    ieee: str
    relationship: str = ""


class ZhaDevice(msgspec.Struct, frozen=True):
    """A device of ZHA; `device_reg_id` is its id in the device registry.

    `last_seen` is when it was last heard, None if it never was. `nwk` is its address in the
    network, another one each time that it joins. `lqi` (0 to 255) and `rssi` (dBm) are those of its
    last message, None before it.
    """

    device_reg_id: str = ""
    last_seen: datetime | None = None
    ieee: str = ""
    nwk: int | str = 0
    name: str = ""
    user_given_name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    lqi: int | None = None
    rssi: int | None = None
    active_coordinator: bool = False
    available: bool = True
    device_type: str = ""
    entities: tuple[ZhaEntity, ...] = ()
    neighbors: tuple[ZhaNeighbor, ...] = ()

    @property
    def shown_name(self) -> str:
        """Return the name that people see."""
        return self.user_given_name or self.name


class ZhaNetworkInfo(msgspec.Struct, frozen=True):
    channel: int


class ZhaState(msgspec.Struct, frozen=True):
    network_info: ZhaNetworkInfo


class ZigbeeScan(msgspec.Struct, frozen=True):
    """How busy each channel is (percent), and the state of the network."""

    energy_scan: dict[str, float]
    application_state: ZhaState

    @property
    def channel(self) -> int:
        """Return the network's own channel."""
        return self.application_state.network_info.channel


class ZhaDiagnostics(msgspec.Struct, frozen=True):
    data: ZigbeeScan


ZhaOptions = dict[str, dict[str, object]]  # by section; set together


class ZhaConfiguration(msgspec.Struct, frozen=True):
    data: ZhaOptions
