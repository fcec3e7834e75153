"""The SmartCORE dashboard in the form of Home Assistant 2025.3 (lovelace/config/save).

One view of sections: a meter's power, tariff and energy, and the gateway's own health. Entities
that a device does not have are left out, and a graph shows only where there are values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hems.protocols.ha_energy import INJECTED, TOTALS
from hems.protocols.ha_registry import METER, Node

PATH, TITLE, ICON = "smartcore", "SmartCORE", "mdi:home-lightning-bolt"
GATEWAY = "gateway_[0-9a-f]{12}"  # protocols/gateway_entities.py
POWER = ("power_estimated", "sinsts", "papp", "sinsti")
TARIFF = ("ltarf", "ptec", "tempo_today", "tempo_tomorrow", "over_power")
HEALTH = ("problem", "internet", "last_reading_age", "last_repair", "reboots", "uptime_hours")
MACHINE = ("cpu_temperature", "memory_used", "disk_used", "disk_written")
Card = dict[str, Any]


def dashboard(meters: Iterable[Node], gateways: Iterable[Node]) -> dict[str, Any]:
    """Return what the dashboard shows of these devices."""
    sections = [_meter(one) for one in meters] + [_gateway(one) for one in gateways]
    view = {"title": TITLE, "type": "sections", "max_columns": 3, "sections": sections}
    return {"views": [view]}


def _meter(meter: Node) -> Card:
    return _section(
        f"Linky {meter.name.removeprefix(METER[:4])}",
        "mdi:meter-electric",
        [
            *({"type": "tile", **one} for one in _labelled(meter, (*POWER, *TARIFF))),
            *_graph(_labelled(meter, POWER[:1])),
            *_days(_labelled(meter, (*TOTALS, INJECTED))),
        ],
    )


def _gateway(gateway: Node) -> Card:
    units = sorted(
        key for key in gateway.entities if key.startswith("unit_") and "_restarts" not in key
    )
    return _section(
        "Gateway",
        "mdi:router-network",
        [
            *({"type": "tile", **one} for one in _labelled(gateway, (*HEALTH, *MACHINE))),
            *_graph(_labelled(gateway, MACHINE[:1])),
            *_list(_labelled(gateway, units)),
        ],
    )


def _labelled(node: Node, keys: Iterable[str]) -> list[Card]:
    """Return these entities with short names: the section's heading has the device's."""
    found = [node.entities[key] for key in keys if key in node.entities]
    return [{"entity": one, "name": node.labels.get(one, one)} for one in found]


def _section(heading: str, icon: str, cards: list[Card]) -> Card:
    return {
        "type": "grid",
        "cards": [{"type": "heading", "heading": heading, "icon": icon}, *cards],
    }


def _graph(entities: list[Card]) -> list[Card]:
    """Return a graph of each; it hides while there is no value: not every machine has all."""
    return [
        _wide(
            {
                "type": "history-graph",
                "hours_to_show": 24,
                "entities": [one],
                "visibility": [
                    {"condition": "state", "entity": one["entity"], "state_not": "unknown"}
                ],
            }
        )
        for one in entities
    ]


def _days(entities: list[Card]) -> list[Card]:
    bars = {"type": "statistics-graph", "chart_type": "bar", "period": "day", "days_to_show": 30}
    shown = {"stat_types": ["change"], "entities": entities}
    return [_wide({**bars, **shown})] * bool(entities)


def _list(entities: list[Card]) -> list[Card]:
    return [_wide({"type": "entities", "entities": entities})] * bool(entities)


def _wide(card: Card) -> Card:
    return {**card, "grid_options": {"columns": "full"}}
