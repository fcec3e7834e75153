from typing import Any

import pytest

from hems.protocols.home_assistant.energy_dashboard import (
    NO_PRICE,
    TARIFFS,
    as_saved_before_2026,
    preferences,
)
from hems.protocols.home_assistant.entity_registry import DeviceEntities


class Everything:
    def __contains__(self, _entity: object) -> bool:
        return True


def meter(name: str, *keys: str) -> DeviceEntities:
    return DeviceEntities(name, {key: f"sensor.{name}_{key}" for key in keys})


def bought(found: dict[str, Any] | None) -> list[str]:
    assert found is not None
    return [one["stat_energy_from"] for one in found["energy_sources"]]


def test_a_meter_counts_with_its_total() -> None:
    assert preferences([meter("a", "east", "sinsts")], Everything()) == {
        "energy_sources": [
            {
                "type": "grid",
                "stat_energy_from": "sensor.a_east",
                "stat_energy_to": None,
                **NO_PRICE,
            }
        ],
        "device_consumption": [],
        "device_consumption_water": [],
    }


@pytest.mark.parametrize("key", ["base", "east"])
def test_the_total_counts_and_not_what_it_is_made_of(key: str) -> None:
    energy = preferences([meter("a", key, "energy_total")], Everything())
    assert bought(energy) == ["sensor.a_energy_total"]


def test_the_source_is_the_total_although_only_another_entity_has_statistics() -> None:
    assert preferences([meter("a", "east", "energy_total")], {"sensor.a_east"}) is None


def test_tariffs_split_the_total_and_are_not_counted_twice() -> None:
    energy = preferences([meter("a", "east", "easf02", "easf01", "easd01", "erq1")], Everything())
    assert bought(energy) == ["sensor.a_east"]
    assert energy is not None
    assert energy["device_consumption"] == [
        {"stat_consumption": "sensor.a_easf01"},
        {"stat_consumption": "sensor.a_easf02"},
    ]


def test_one_tariff_says_nothing_more_than_the_total() -> None:
    energy = preferences([meter("a", "energy_total", "base")], Everything())
    assert energy is not None
    assert energy["device_consumption"] == []


def test_what_is_injected_goes_to_the_grid() -> None:
    energy = preferences([meter("a", "east", "eait")], Everything())
    assert energy is not None
    (grid,) = energy["energy_sources"]
    assert grid["stat_energy_to"] == "sensor.a_eait"


def test_every_meter_counts() -> None:
    energy = preferences([meter("a", "east"), meter("b", "energy_total")], Everything())
    assert bought(energy) == ["sensor.a_east", "sensor.b_energy_total"]


def test_without_statistics_of_a_total_there_is_nothing_to_show() -> None:
    meters = [meter("a", "east", "easf01", "easf02", "eait")]
    assert preferences(meters, {"sensor.a_easf01", "sensor.a_easf02", "sensor.a_eait"}) is None
    assert preferences([], Everything()) is None


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
    grids: list[dict[str, Any]] = [
        {"type": "grid", "stat_energy_from": "sensor.a_east", "stat_energy_to": "sensor.b_eait"},
        {"type": "grid", "stat_energy_from": "sensor.b_east", "stat_energy_to": None},
    ]
    migrated: dict[str, Any] = {
        "energy_sources": [{**one, **NO_PRICE} for one in grids],
        "device_consumption": [{"stat_consumption": "sensor.a_easf01"}],
        "device_consumption_water": [],
    }
    assert as_saved_before_2026(migrated) == saved
    migrated["energy_sources"][0]["number_energy_price"] = 0.2
    assert as_saved_before_2026(migrated) is None
    assert as_saved_before_2026(None) is None
