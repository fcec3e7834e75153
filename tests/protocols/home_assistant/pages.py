"""A home that has everything, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hems.protocols.gateway import gateway_entities
from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.linky.linky_entities import all_entities
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from tests.fakes.meters import W, home

HOME_KEYS = (
    *("power_now", "subscribed_power", "energy_today", "energy_yesterday", "energy_month"),
    *("energy_yesterday_by_now", "energy_last_week_by_now", "cost_today", "cost_yesterday"),
    *("cost_month", "feed_in_today", "feed_in_month", "price_now", "tariff_now", "price_level"),
    *("next_price_change", "tempo_days_left_blue", "tempo_days_left_white", "tempo_days_left_red"),
    *("solar_today", "exported_today", "self_consumption", "self_sufficiency"),
)
JOINING = (
    "zigbee_joining",
    "zigbee_joining_until",
    "zigbee_last_joined",
    "zigbee_last_joined_name",
)


def node(name: str, keys: Iterator[str] | tuple[str, ...]) -> DeviceEntities:
    return DeviceEntities(name, {key: f"sensor.{name}_{key}" for key in keys})


def register() -> tuple[Meter, ...]:
    here = home()
    for name in ("Main", "Fridge", "Roof", "Shed"):
        device = here.device(name)
        here.entity(device, f"{name}-1-1794", W, name="Power")
        here.entity(device, f"{name}-1-1794-summation_delivered", name="Summation delivered")
    return tuple(here.meters())


def full() -> PageContent:
    """Return the content of a home that has everything."""
    units = gateway_entities.entities(["led", "watchdog"])
    roles = {"id-Main": Role.GRID, "id-Fridge": Role.DEVICE, "id-Roof": Role.SOLAR}
    return PageContent(
        linkys=(node("d2l_012345678901", tuple(one.key for one in all_entities())),),
        homes=(node("home_0123456789ab", HOME_KEYS),),
        gateways=(node("gateway_0123456789ab", (*(one.key for one in units), *JOINING)),),
        meters=register(),
        roles=roles | {"id-Shed": Role.NONE},
        subscribed_va=9000.0,
        energy_sources=frozenset({"grid", "solar", "device"}),
        signals={"id-Fridge": "sensor.fridge_lqi"},
        home_assistant="2026.10.4",
    )


def cards(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every card of a view, without the headings."""
    every = [card for section in view["sections"] for card in section["cards"]]
    return [card for card in every if card["type"] != "heading"]


def headings(view: dict[str, Any]) -> list[str]:
    return [section["cards"][0]["heading"] for section in view["sections"]]
