from collections.abc import Iterable
from typing import Any

from hems.protocols.home_assistant.energy_dashboard import (
    NO_PRICE,
    TARIFFS,
    GridSources,
    as_saved_before_2026,
    preferences,
    saved_grid,
)
from hems.protocols.meters.meter_inventory import Meter, roles
from hems.protocols.meters.meter_roles import Role
from tests.fakes.meters import Home, W, home


def everything(register: Iterable[Meter]) -> set[str]:
    return {entity.entity_id for meter in register for entity in meter.entities}


def grids(wanted: dict[str, Any] | None) -> list[tuple[str | None, str | None]]:
    assert wanted is not None
    return [
        (one["stat_energy_from"], one["stat_energy_to"])
        for one in wanted["energy_sources"]
        if one["type"] == "grid"
    ]


def clamp(here: Home, name: str, *, with_export: bool = False, **fields: object) -> None:
    device = here.device(name, **fields)
    here.entity(device, f"{name}_power", W)
    here.entity(device, f"{name}_delivered")
    if with_export:
        here.entity(device, f"{name}_received")


def test_each_role_has_its_place() -> None:
    here = home()
    clamp(here, "main", with_export=True, labels=(Role.GRID,))
    clamp(here, "roof", labels=(Role.SOLAR,))
    clamp(here, "store", with_export=True, labels=(Role.BATTERY,))
    clamp(here, "car", labels=(Role.DEVICE,))
    clamp(here, "guest", labels=(Role.NONE,))
    register = here.meters()
    assert preferences(register, roles(register), GridSources(), everything(register)) == {
        "energy_sources": [
            {
                "type": "grid",
                "stat_energy_from": "sensor.main_delivered",
                "stat_energy_to": "sensor.main_received",
                **NO_PRICE,
                "stat_rate": "sensor.main_power",
            },
            {
                "type": "solar",
                "stat_energy_from": "sensor.roof_delivered",
                "config_entry_solar_forecast": None,
                "name": "roof",
                "stat_rate": "sensor.roof_power",
            },
            {
                "type": "battery",
                "stat_energy_from": "sensor.store_received",
                "stat_energy_to": "sensor.store_delivered",
                "name": "store",
            },
        ],
        "device_consumption": [
            {
                "stat_consumption": "sensor.car_delivered",
                "name": "car",
                "stat_rate": "sensor.car_power",
            }
        ],
        "device_consumption_water": [],
    }


def test_what_is_in_the_room_of_a_meter_for_the_room_is_a_part_of_it() -> None:
    here = home()
    clamp(here, "board", labels=(Role.ROOM,), area_id="kitchen")
    clamp(here, "oven", labels=(Role.DEVICE,), area_id="kitchen")
    clamp(here, "lamp", labels=(Role.DEVICE,), area_id="hall")
    clamp(here, "nowhere", labels=(Role.DEVICE,))
    register = here.meters()
    wanted = preferences(register, roles(register), GridSources(), everything(register))
    assert wanted is not None
    assert {one["name"]: one.get("included_in_stat") for one in wanted["device_consumption"]} == {
        "board": None,
        "oven": "sensor.board_delivered",
        "lamp": None,
        "nowhere": None,
    }


def test_each_tariff_of_a_meter_without_a_total_is_a_source() -> None:
    here = home()
    device = here.device("P1", labels=(Role.GRID,))
    for number in (1, 2):
        here.entity(device, f"used_tariff_{number}")
    here.entity(device, "returned_tariff_1")
    register = here.meters()
    assert grids(preferences(register, roles(register), GridSources(), everything(register))) == [
        ("sensor.used_tariff_1", "sensor.returned_tariff_1"),
        ("sensor.used_tariff_2", None),
    ]


def test_without_statistics_of_what_is_bought_there_is_nothing_to_show() -> None:
    here = home()
    clamp(here, "main", with_export=True, labels=(Role.GRID,))
    register = here.meters()
    known = roles(register)
    assert preferences(register, known, GridSources(), {"sensor.main_received"}) is None
    assert preferences((), {}, GridSources(), ()) is None


def test_the_registers_of_a_meter_are_sources_with_their_prices_in_place_of_its_total() -> None:
    here = home()
    clamp(here, "linky", with_export=True, labels=(Role.GRID,))
    clamp(here, "car", labels=(Role.DEVICE,))
    register = here.meters()
    ids = ("sensor.base", "sensor.hchc", "sensor.hchp")
    prices = {"sensor.hchc": 0.16, "sensor.hchp": 0.21}
    entity = "sensor.home_price_now"
    names = {"sensor.hchc": "Heures creuses"}
    sources = GridSources({"id-linky": ids}, prices, None, entity, 0.04, names)
    wanted = preferences(register, roles(register), sources, everything(register))
    assert wanted is not None
    rate = {"stat_rate": "sensor.linky_power"}
    sold = {"stat_energy_from": None, "stat_energy_to": "sensor.linky_received"}
    others = {"type": "grid", "stat_energy_to": None, **NO_PRICE}
    assert wanted["energy_sources"] == [
        {**others, "stat_energy_from": "sensor.base", **rate},
        {
            **others,
            "stat_energy_from": "sensor.hchc",
            "number_energy_price": 0.16,
            "name": "Heures creuses",
        },
        {**others, "stat_energy_from": "sensor.hchp", "number_energy_price": 0.21},
        {"type": "grid", **NO_PRICE, **sold, "number_energy_price_export": 0.04},
    ]
    assert [one["name"] for one in wanted["device_consumption"]] == ["car"]
    saved = {one: source.number_energy_price for one, source in saved_grid(wanted).items()}
    assert saved == {"sensor.base": None, **prices}
    assert saved_grid(wanted)["sensor.hchc"].name == "Heures creuses"
    assert saved_grid({"energy_sources": 3}) == {}


def test_a_total_costs_the_only_price_or_the_price_of_now() -> None:
    here = home()
    clamp(here, "main", labels=(Role.GRID,))
    register = here.meters()
    for sources, key, price in (
        (GridSources(price=0.35, price_entity="sensor.p"), "number_energy_price", 0.35),
        (GridSources(price=0.0), "number_energy_price", 0.0),
        (GridSources(price_entity="sensor.p"), "entity_energy_price", "sensor.p"),
    ):
        wanted = preferences(register, roles(register), sources, everything(register))
        assert wanted is not None
        (source,) = wanted["energy_sources"]
        assert {name: source[name] for name in NO_PRICE} == {**NO_PRICE, key: price}


def test_the_labels_of_historique_are_tariffs() -> None:
    assert {"hchc", "hchp", "bbrhpjr", "easf10"} <= set(TARIFFS)
    assert not {"east", "eait", "easd01", "erq4"} & set(TARIFFS)


def test_what_home_assistant_made_of_an_older_release_is_known_again() -> None:
    """As 2026.10.4 returned it, of what hems had saved in 2025.3.4."""
    price = {"entity_energy_price": None, "number_energy_price": None}
    saved = {
        "energy_sources": [
            {
                "type": "grid",
                "flow_from": [
                    {"stat_energy_from": "sensor.a_east", "stat_cost": None, **price},
                    {"stat_energy_from": "sensor.b_east", "stat_cost": None, **price},
                ],
                "flow_to": [
                    {"stat_energy_to": "sensor.b_eait", "stat_compensation": None, **price}
                ],
                "cost_adjustment_day": 0.0,
            }
        ],
        "device_consumption": [{"stat_consumption": "sensor.a_easf01"}],
    }
    later: list[dict[str, Any]] = [
        {"type": "grid", "stat_energy_from": "sensor.a_east", "stat_energy_to": "sensor.b_eait"},
        {"type": "grid", "stat_energy_from": "sensor.b_east", "stat_energy_to": None},
    ]
    migrated: dict[str, Any] = {
        "energy_sources": [{**one, **NO_PRICE} for one in later],
        "device_consumption": [{"stat_consumption": "sensor.a_easf01"}],
        "device_consumption_water": [],
    }
    assert as_saved_before_2026(migrated) == saved
    migrated["energy_sources"][0]["number_energy_price"] = 0.2
    assert as_saved_before_2026(migrated) is None
    assert as_saved_before_2026(None) is None
