"""The devices of Home Assistant: config/device_registry/list of version 2026.10."""

from __future__ import annotations

import msgspec


class DeviceEntry(msgspec.Struct, frozen=True):
    """One device. A child device is one part of its parent, for example a channel.

    `connections` are addresses such as ["mac", "…"]: two integrations that know the same device
    give the same one.
    """

    id: str
    name: str | None = None
    name_by_user: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    area_id: str | None = None
    labels: tuple[str, ...] = ()
    connections: tuple[tuple[str, str], ...] = ()
    parent_device_id: str | None = None
    disabled_by: str | None = None

    @property
    def shown_name(self) -> str:
        """Return the name that people see."""
        return self.name_by_user or self.name or self.model or self.id
