"""Find the entities of the gateway's devices in Home Assistant's entity registry.

An entity of MQTT discovery (mqtt_discovery.py) has the unique id NODE_KEY. People can change its
entity id, so the registry is the only source of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

METER = r"d2l_\d{12}"


class RegistryEntry(msgspec.Struct, frozen=True):
    """One entry of config/entity_registry/list; unique ids of other platforms may not be text."""

    entity_id: str
    platform: str
    unique_id: object
    original_name: str | None = None
    disabled_by: str | None = None
    hidden_by: str | None = None
    device_id: str | None = None
    name: str | None = None
    translation_key: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeviceEntities:
    """The visible entities of one device: entity ids by key; `name` is its node.

    `labels` has the name of each entity by its id, as in discovery: without the device's name.
    """

    name: str
    entities: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


def nodes(registry: Iterable[RegistryEntry], pattern: str) -> tuple[DeviceEntities, ...]:
    """Return the devices whose node matches `pattern`, sorted by node."""
    entities: dict[str, dict[str, str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for entry in registry:
        match = re.fullmatch(f"({pattern})_(.+)", str(entry.unique_id))
        if match and entry.platform == "mqtt" and not (entry.disabled_by or entry.hidden_by):
            entities.setdefault(match[1], {})[match[2]] = entry.entity_id
            labels.setdefault(match[1], {})[entry.entity_id] = entry.original_name or match[2]
    return tuple(DeviceEntities(name, entities[name], labels[name]) for name in sorted(entities))
