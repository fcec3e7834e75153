"""The preferences of Home Assistant's energy dashboard (2026.10, energy/save_prefs).

Each meter of the register is in it once, by its role. A Linky counts with its total, which
continues through every change of contract and meter; so the source never changes. The sum of the
tariff indexes would miss a tariff whose index is still zero and so has no entity yet. In a home
without other meters the tariff indexes are shown as consumers within the total, which is how Home
Assistant divides a total.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Literal

import msgspec

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.linky.label_names import INDEXES
from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES
from hems.protocols.meters.meter_register import Meter
from hems.protocols.meters.meter_roles import Role

# A home that hems 0.1.0 announced in STANDARD has its total under the name of EAST.
TOTALS = ("energy_total", "east")
INJECTED = "eait"
POWERS = ("power_estimated", "ccasn")  # in W, the better one first
OTHERS = {"EAST", "EAIT", *DISTRIBUTOR_INDEXES, *REACTIVE_INDEXES}
TARIFFS = tuple(label.lower() for label in INDEXES if label not in OTHERS)

# All keys, because Home Assistant returns all, and we compare what it returns.
NO_PRICE: dict[str, float | None] = {
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": None,
    "stat_compensation": None,
    "entity_energy_price_export": None,
    "number_energy_price_export": None,
    "cost_adjustment_day": 0.0,  # a float, as Home Assistant returns it
}


class _Grid(msgspec.Struct, forbid_unknown_fields=True):
    """A grid without a price."""

    type: Literal["grid"]
    stat_energy_from: str | None
    stat_energy_to: str | None
    stat_cost: None
    entity_energy_price: None
    number_energy_price: None
    stat_compensation: None
    entity_energy_price_export: None
    number_energy_price_export: None
    cost_adjustment_day: float


class _Consumer(msgspec.Struct, forbid_unknown_fields=True):
    stat_consumption: str


class _Preferences(msgspec.Struct, forbid_unknown_fields=True):
    energy_sources: list[_Grid]
    device_consumption: list[_Consumer]
    device_consumption_water: list[_Consumer] = []


def total_keys(meter: DeviceEntities) -> list[str]:
    """Return the key of the Linky's total, none if it has no total yet."""
    return [key for key in TOTALS if key in meter.entities][:1]


def preferences(
    meters: Iterable[Meter],
    roles: Mapping[str, Role],
    tariffs: Iterable[Sequence[str]],
    sums: Container[str],
) -> dict[str, Any] | None:
    """Return the preferences for the entities that have statistics, `sums`.

    `roles` has the role of each meter by its id. `tariffs` are the tariff indexes of each Linky;
    they count only while no device does, because a device's energy is in them already. Returns None
    if nothing has statistics.
    """
    known = [_with_statistics(meter, sums) for meter in meters]
    sources = [
        source
        for role in (Role.GRID, Role.SOLAR, Role.BATTERY)
        for meter in known
        if roles.get(meter.id) is role
        for source in _sources(meter, role)
    ]
    consumers = [*_consumers(known, roles)]
    if not (sources or consumers):
        return None
    if not consumers:
        of_linky = ([entity for entity in some if entity in sums] for some in tariffs)
        parts = (entity for some in of_linky if len(some) > 1 for entity in some)
        consumers = [{"stat_consumption": entity} for entity in parts]
    return {
        "energy_sources": sources,
        "device_consumption": consumers,
        "device_consumption_water": [],
    }


def _with_statistics(meter: Meter, sums: Container[str]) -> Meter:
    imported, exported = (
        tuple(entity for entity in some if entity.entity_id in sums)
        for some in (meter.imported, meter.exported)
    )
    if meter.imported and not imported:
        exported = ()  # both appear together
    return replace(meter, imported=imported, exported=exported)


def _sources(meter: Meter, role: Role) -> Iterator[dict[str, Any]]:
    """Yield what a meter of the role is to Home Assistant."""
    bought, sold = ([one.entity_id for one in some] for some in (meter.imported, meter.exported))
    if role is Role.GRID:
        for number, (one, other) in enumerate(zip_longest(bought, sold)):
            rate = _rate(meter) if number == 0 else {}
            flows = {"type": "grid", "stat_energy_from": one, "stat_energy_to": other}
            yield flows | NO_PRICE | rate
    elif role is Role.SOLAR:
        for number, one in enumerate(sold or bought):
            rate = _rate(meter) if number == 0 else {}
            yield {
                "type": "solar",
                "stat_energy_from": one,
                "config_entry_solar_forecast": None,
                "name": meter.name,
            } | rate
    elif role is Role.BATTERY:
        for one, other in zip(sold, bought, strict=False):
            flows = {"type": "battery", "stat_energy_from": one, "stat_energy_to": other}
            yield flows | {"name": meter.name}


def _consumers(meters: Sequence[Meter], roles: Mapping[str, Role]) -> Iterator[dict[str, Any]]:
    """Yield the devices; what is in the room of a meter for the whole room is a part of it."""
    rooms = {
        meter.area_id: meter.imported[0].entity_id
        for meter in meters
        if roles.get(meter.id) is Role.ROOM and meter.area_id and len(meter.imported) == 1
    }
    for meter in meters:
        role = roles.get(meter.id)
        if role not in {Role.DEVICE, Role.ROOM}:
            continue
        whole = rooms.get(meter.area_id or "") if role is Role.DEVICE else None
        for number, entity in enumerate(meter.imported):
            consumer = {"stat_consumption": entity.entity_id, "name": meter.name}
            if number == 0:
                consumer |= _rate(meter)
            yield consumer | ({"included_in_stat": whole} if whole else {})


def _rate(meter: Meter) -> dict[str, str]:
    """Return the power now; none if one entity does not have both directions."""
    power = meter.power if meter.exported_power is None else None
    return {"stat_rate": power.entity_id} if power else {}


def as_saved_before_2026(content: object) -> dict[str, Any] | None:
    """Return the preferences from which Home Assistant made `content`, if hems had saved them.

    Up to 2025 there was one grid with lists of what flows from it and to it. At its first start a
    later release makes one grid of each pair of their items. None if a person has changed them.
    """
    try:
        preferences = msgspec.convert(content, _Preferences)
    except msgspec.ValidationError:
        return None
    price = {"entity_energy_price": None, "number_energy_price": None}
    bought = [grid.stat_energy_from for grid in preferences.energy_sources if grid.stat_energy_from]
    sold = [grid.stat_energy_to for grid in preferences.energy_sources if grid.stat_energy_to]
    grid = {
        "type": "grid",
        "flow_from": [{"stat_energy_from": one, "stat_cost": None, **price} for one in bought],
        "flow_to": [{"stat_energy_to": one, "stat_compensation": None, **price} for one in sold],
        "cost_adjustment_day": 0.0,
    }
    consumers = [
        {"stat_consumption": one.stat_consumption} for one in preferences.device_consumption
    ]
    return {"energy_sources": [grid], "device_consumption": consumers}
