"""Home Assistant's entity registry: which entities are those of the gateway's own devices.

An entity of MQTT discovery (protocols/ha_discovery.py) has the unique id NODE_KEY; people may
give it another entity id, so that is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

METER = r"d2l_\d{12}"


class Listed(msgspec.Struct, frozen=True):
    """One line of config/entity_registry/list; other platforms' unique ids may be no text."""

    entity_id: str
    platform: str
    unique_id: object
    original_name: str | None = None
    disabled_by: str | None = None
    hidden_by: str | None = None


@dataclass(frozen=True)
class Node:
    """A device's entity ids by key, those that people see; `name` is its node.

    `labels` has what discovery calls each entity, by its id: without the device's name.
    """

    name: str
    entities: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


def nodes(registry: Iterable[Listed], pattern: str) -> tuple[Node, ...]:
    """Return the devices whose node matches `pattern`, in the order of their names."""
    found: dict[str, dict[str, str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for one in registry:
        match = re.fullmatch(f"({pattern})_(.+)", str(one.unique_id))
        if match and one.platform == "mqtt" and not (one.disabled_by or one.hidden_by):
            found.setdefault(match[1], {})[match[2]] = one.entity_id
            labels.setdefault(match[1], {})[one.entity_id] = one.original_name or match[2]
    return tuple(Node(name, found[name], labels[name]) for name in sorted(found))
