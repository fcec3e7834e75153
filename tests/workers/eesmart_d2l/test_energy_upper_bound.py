from __future__ import annotations

import pytest
from msgspec import structs

from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from tests.fakes.linky import reading


def rated(ratings: dict[str, int], *, is_single_phase: bool = True) -> MeterReading:
    measurements = {
        label: Measurement(value, Quantity.APPARENT_POWER) for label, value in ratings.items()
    }
    return structs.replace(reading(), measurements=measurements, is_single_phase=is_single_phase)


@pytest.mark.parametrize(
    ("ratings", "volt_amperes"),
    [
        ({}, 36_000),
        ({"PCOUP": 6000}, 6000),
        ({"PREF": 9000}, 9000),
        ({"PCOUP": 6000, "PREF": 9000}, 6000),
        ({"ISOUSC": 30}, 6900),
        ({"PCOUP": 0}, 36_000),
        ({"PCOUP": 999_000}, 36_000),
        ({"PCOUP": 250_000}, 250_000),
        ({"ISOUSC": 2000}, 36_000),
    ],
)
def test_the_ratings_say_what_a_meter_can_carry(ratings: dict[str, int], volt_amperes: int) -> None:
    capacity = MeterCapacity()
    capacity.accept(rated(ratings), 0)
    assert capacity.volt_amperes == volt_amperes


def test_a_meter_with_three_phases_carries_its_current_on_each() -> None:
    capacity = MeterCapacity()
    capacity.accept(rated({"ISOUSC": 30}, is_single_phase=False), 0)
    capacity.accept(rated({"ISOUSC": 30}), 60)  # idle phases
    assert capacity.volt_amperes == 20_700


def test_no_meter_carries_more_than_250_kva() -> None:
    capacity = MeterCapacity()
    capacity.accept(rated({"ISOUSC": 1000}, is_single_phase=False), 0)
    assert capacity.volt_amperes == 250_000


def test_a_change_counts_once_it_is_confirmed() -> None:
    capacity = MeterCapacity()
    capacity.accept(rated({"PCOUP": 6000}), 0)
    for begun, before, after in ((60, 6000, 99_000), (3600, 99_000, 6000)):
        for number in range(5):
            capacity.accept(rated({"PCOUP": after}), begun + 60 * number)
            assert capacity.volt_amperes == before
        capacity.accept(rated({"PCOUP": after}), begun + 300)
        assert capacity.ratings == {"PCOUP": after}


def test_different_garbled_ratings_confirm_nothing_and_a_right_one_begins_again() -> None:
    capacity = MeterCapacity()
    for minute in range(100):
        value = 6000 if minute % 6 == 0 else 99_000 if minute < 50 else 50_000 + minute
        capacity.accept(rated({"PCOUP": value}), 60 * minute)
        assert capacity.volt_amperes == 6000


def test_what_was_confirmed_before_a_restart_is_known_after_it() -> None:
    capacity = MeterCapacity()
    capacity.remember({"PCOUP": 6000, "ISOUSC": 0})
    capacity.accept(rated({"PCOUP": 99_000}), 0)
    assert capacity.ratings == {"PCOUP": 6000}


def test_a_minute_at_6_kva_is_not_much_more_than_100_wh() -> None:
    capacity = MeterCapacity()
    capacity.accept(rated({"PCOUP": 6000}), 0)
    assert 130 < capacity.energy_wh(60) < 145
    assert 650 < capacity.injected_wh(60) < 900  # no contract limits the injection


def test_each_mode_has_its_own_ratings() -> None:
    capacity = MeterCapacity()
    standard = rated({"PCOUP": 9000})
    historique = structs.replace(rated({"ISOUSC": 30}), mode=LinkyMode.HISTORIQUE)
    for _ in range(2):
        capacity.accept(standard, 0)
        assert capacity.volt_amperes == 9000
        capacity.accept(historique, 0)
        assert capacity.volt_amperes == 6900
