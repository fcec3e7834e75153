"""Build the SmartCORE dashboard for Home Assistant 2026.10 (lovelace/config/save).

It has one view with sections: power, tariff and energy of each meter, the devices that are
measured, and the health of the gateway. It leaves out entities that a device does not have; a graph
is hidden without values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hems.protocols.home_assistant.energy_dashboard import INJECTED, total_keys
from hems.protocols.home_assistant.entity_registry import METER, DeviceEntities
from hems.protocols.meters.energy_entities import MeasuredQuantity
from hems.protocols.meters.meter_register import Meter
from hems.protocols.meters.meter_roles import LABELS, Role

PATH, TITLE, ICON = "smartcore", "SmartCORE", "mdi:home-lightning-bolt"
GATEWAY = "gateway_[0-9a-f]{12}"  # protocols/gateway/gateway_entities.py
POWER = ("power_estimated", "ccasn", "sinsts", "papp", "sinsti", "apparent_power_net")
TARIFF = (
    *("ltarf", "ptec", "next_tariff_change", "tempo_today", "tempo_tomorrow"),
    *("peak_notice", "peak", "over_power", "clock_degraded"),
)
HEALTH = ("problem", "internet", "last_reading_age", "last_repair", "reboots", "uptime_hours")
SOURCES = {Role.GRID, Role.SOLAR, Role.BATTERY}
CONSUMERS = {Role.DEVICE, Role.ROOM}
MACHINE = ("cpu_temperature", "memory_used", "disk_used", "disk_written")
Card = dict[str, Any]
# Devices and files choose words of a problem: no character of them is Markdown or HTML.
PLAIN = (
    r"{% macro plain(text) %}{{ text | string | regex_replace('([!-/:-@\\[-`{-~])', '\\\\\\1') }}"
    "{% endmacro %}"
)


def dashboard(
    linkys: Iterable[DeviceEntities],
    meters: Sequence[Meter],
    roles: Mapping[str, Role],
    gateways: Iterable[DeviceEntities],
) -> dict[str, Any]:
    """Return the dashboard for these devices; `roles` has those of the `meters` besides a Linky."""
    sections = [
        *(_linky(linky) for linky in linkys),
        *(_meter(meter, roles[meter.id]) for meter in meters if roles[meter.id] in SOURCES),
        *_consumers([meter for meter in meters if roles[meter.id] in CONSUMERS]),
        *(_gateway(gateway) for gateway in gateways),
    ]
    view = {"title": TITLE, "type": "sections", "max_columns": 3, "sections": sections}
    return {"views": [view]}


def _linky(meter: DeviceEntities) -> Card:
    return _section(
        f"Linky {meter.name.removeprefix(METER[:4])}",
        "mdi:meter-electric",
        [
            *({"type": "tile", **entity} for entity in _labelled(meter, (*POWER, *TARIFF))),
            *_graph(_labelled(meter, POWER[:1])),
            *_days(_labelled(meter, (*total_keys(meter), INJECTED))),
        ],
    )


def _meter(meter: Meter, role: Role) -> Card:
    powers, energies = _named(meter, MeasuredQuantity.POWER), _named(meter, MeasuredQuantity.ENERGY)
    return _section(
        meter.name,
        LABELS[role].icon,
        [
            *({"type": "tile", **entity} for entity in (*powers, *energies)),
            *_graph(powers[:1]),
            *_days(energies),
        ],
    )


def _consumers(meters: Sequence[Meter]) -> list[Card]:
    """Return one section for all devices: what each uses now, and has used on each day."""
    if not meters:
        return []
    now = [{**one, "name": meter.name} for meter in meters for one in _named(meter)[:1]]
    energies = [
        {**one, "name": meter.name}
        for meter in meters
        for one in _named(meter, MeasuredQuantity.ENERGY)
    ]
    cards = [*({"type": "tile", **entity} for entity in now), *_days(energies)]
    return [_section("Devices", LABELS[Role.DEVICE].icon, cards)]


def _named(meter: Meter, quantity: MeasuredQuantity | None = None) -> list[Card]:
    """Return the meter's entities, power first, with short names."""
    entities = sorted(meter.entities, key=lambda entity: entity.quantity is MeasuredQuantity.ENERGY)
    return [
        {"entity": entity.entity_id, "name": entity.name or meter.name}
        for entity in entities
        if quantity in {None, entity.quantity}
    ]


def _gateway(gateway: DeviceEntities) -> Card:
    units = sorted(
        key for key in gateway.entities if key.startswith("unit_") and "_restarts" not in key
    )
    return _section(
        "Gateway",
        "mdi:router-network",
        [
            *({"type": "tile", **entity} for entity in _labelled(gateway, (*HEALTH, *MACHINE))),
            *(_problems(entity["entity"]) for entity in _labelled(gateway, HEALTH[:1])),
            *_graph(_labelled(gateway, MACHINE[:1])),
            *_list(_labelled(gateway, units)),
        ],
    )


def _labelled(node: DeviceEntities, keys: Iterable[str]) -> list[Card]:
    """Return these entities with short names: the section's heading names the device."""
    entities = [node.entities[key] for key in keys if key in node.entities]
    return [{"entity": entity, "name": node.labels.get(entity, entity)} for entity in entities]


def _section(heading: str, icon: str, cards: list[Card]) -> Card:
    return {
        "type": "grid",
        "cards": [{"type": "heading", "heading": heading, "icon": icon}, *cards],
    }


def _graph(entities: list[Card]) -> list[Card]:
    """Return a graph of each, hidden while there is no value: some machines lack some sensors."""
    return [
        _wide(
            {
                "type": "history-graph",
                "hours_to_show": 24,
                "entities": [entity],
                "visibility": [
                    {"condition": "state", "entity": entity["entity"], "state_not": "unknown"}
                ],
            }
        )
        for entity in entities
    ]


def _days(entities: list[Card]) -> list[Card]:
    bars = {"type": "statistics-graph", "chart_type": "bar", "period": "day", "days_to_show": 30}
    content = {"stat_types": ["change"], "entities": entities}
    return [_wide({**bars, **content})] * bool(entities)


def _list(entities: list[Card]) -> list[Card]:
    return [_wide({"type": "entities", "entities": entities})] * bool(entities)


def _problems(entity: str) -> Card:
    """Return a card with the list of problems of entity_states.py, hidden while there is none."""
    content = (
        f"{PLAIN}{{% for problem in state_attr('{entity}', 'problems') or [] %}}\n"
        "**{{ plain(problem.title) }}**: {{ plain(problem.found) }}\n"
        "({{ problem.since | as_timestamp | timestamp_custom('%Y-%m-%d %H:%M') }})\n"
        "To do ({{ plain(problem.who) }}): {{ plain(problem.what_to_do) }}\n\n"
        "{% endfor %}"
    )
    is_on = [{"condition": "state", "entity": entity, "state": "on"}]
    return _wide({"type": "markdown", "content": content, "visibility": is_on})


def _wide(card: Card) -> Card:
    return {**card, "grid_options": {"columns": "full"}}
