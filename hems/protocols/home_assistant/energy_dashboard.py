"""The preferences of Home Assistant's energy dashboard (2026.10, energy/save_prefs).

Each meter of the home is in it once, by its role: each Wh from the grid is in one source. The
sources of a Linky are its registers, which are what is billed, or its total if they do not add up
to it (docs/decisions/registers-in-the-energy-dashboard.md). Each has its price.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, Literal

import msgspec

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.linky.label_names import INDEXES
from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role

# A home that hems 0.1.0 announced in STANDARD has its total under the name of EAST.
TOTALS = ("energy_total", "east")
INJECTED = "eait"
SOLD = "Sold"  # the name of what flows to the grid
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


@dataclass(frozen=True)
class GridSources:
    """What is bought and sold at the grid, and the prices of a kWh.

    `registers` has the entities that count in place of a meter's total, by the meter's id; `prices`
    are those of registers, `names` also those of what is sold beside them, by entity id. Everything
    else costs `price`, or what the entity `price_entity` says. None: there is no price.
    """

    registers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    price: float | None = None
    price_entity: str | None = None
    feed_in: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def price_of(self, entity_id: str | None, *, is_register: bool) -> dict[str, object]:
        """Return the price of an entity as Home Assistant's source has it."""
        price = self.prices.get(entity_id or "", self.price)
        if entity_id is None or price is not None:
            return {"number_energy_price": price if entity_id else None}
        return {"entity_energy_price": None if is_register else self.price_entity}


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


class SavedSource(msgspec.Struct):
    """A source of any type, in preferences that anybody may have saved."""

    type: str = "grid"
    stat_energy_from: str | None = None
    number_energy_price: float | None = None
    name: str = ""


class _Saved(msgspec.Struct):
    energy_sources: list[SavedSource] = []
    device_consumption: list[object] = []


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
    grid: GridSources,
    sums: Container[str],
) -> dict[str, Any] | None:
    """Return the preferences for the entities that have statistics, `sums`.

    `roles` has the role of each meter by its id. Returns None if nothing has statistics.
    """
    known = [_with_statistics(meter, sums) for meter in meters]
    sources = [
        source
        for role in (Role.GRID, Role.SOLAR, Role.BATTERY)
        for meter in known
        if roles.get(meter.id) is role
        for source in _sources(meter, role, grid)
    ]
    consumers = [*_consumers(known, roles)]
    if not (sources or consumers):
        return None
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


def _sources(meter: Meter, role: Role, grid: GridSources) -> Iterator[dict[str, Any]]:
    """Yield what a meter of the role is to Home Assistant."""
    bought, sold = ([one.entity_id for one in some] for some in (meter.imported, meter.exported))
    if role is Role.GRID:
        registers = grid.registers.get(meter.id, ())
        for number, (one, other) in enumerate(_flows(bought, sold, registers)):
            rate = _rate(meter) if number == 0 else {}
            flows = {"type": "grid", "stat_energy_from": one, "stat_energy_to": other}
            price = grid.price_of(one, is_register=bool(registers))
            paid = {"number_energy_price_export": grid.feed_in if other else None}
            name = grid.names.get(one or other or "")
            yield flows | NO_PRICE | price | paid | ({"name": name} if name else {}) | rate
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


def _flows(
    bought: Sequence[str], sold: Sequence[str], registers: Sequence[str]
) -> Iterable[tuple[str | None, str | None]]:
    """Return what flows from the grid and to it, by source.

    What is sold has a source of its own beside registers: it belongs to none of their tariffs.
    """
    if registers:
        return [*((one, None) for one in registers), *((None, one) for one in sold)]
    return zip_longest(bought, sold)


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


def saved_grid(content: object) -> dict[str, SavedSource]:
    """Return the sources at the grid in preferences of Home Assistant, by entity id."""
    try:
        sources = msgspec.convert(content, _Saved).energy_sources
    except msgspec.ValidationError:
        return {}
    return {
        one.stat_energy_from: one for one in sources if one.type == "grid" and one.stat_energy_from
    }


def source_types(content: object) -> frozenset[str]:
    """Return the types of source in the preferences `content`, and "device" if it has devices."""
    try:
        preferences = msgspec.convert(content, _Saved)
    except msgspec.ValidationError:
        return frozenset()
    devices = {"device"} if preferences.device_consumption else set()
    return frozenset({one.type for one in preferences.energy_sources} | devices)


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
