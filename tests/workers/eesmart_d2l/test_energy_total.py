from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.energy_register import Limit
from hems.workers.eesmart_d2l.energy_total import EnergyTotal
from hems.workers.eesmart_d2l.total_source import RegisterFrame, Total
from tests.workers.eesmart_d2l.home_with_a_total import (
    STEP_WH,
    Home,
    historique,
    most_wh,
    stamp,
)


def test_the_first_source_is_the_total_itself() -> None:
    assert Home().take({"EAST": 12_000}) == 12_000
    assert Home().take(historique(4000, 8300)) == 12_300


def test_without_a_complete_source_there_is_no_total() -> None:
    home = Home()
    assert home.take({}) is None
    assert home.take({"HCHC": 4000}) is None
    assert home.take({"EAST": 12_000}, held={"EAST"}) is None
    assert home.take(historique(4000, 8300)) == 12_300


def test_registers_that_are_not_used_may_be_zero() -> None:
    home = Home()
    zeros = {"BASE": 0, "EJPHN": 0, "EJPHPM": 0}
    assert home.take({**zeros, **historique(4000, 8300)}) == 12_300
    assert home.take({"BASE": 50_000, "HCHC": 0, "HCHP": 0}) == 12_300
    assert home.take({"BASE": 50_010, "HCHC": 0, "HCHP": 0}) == 12_310  # no power is known yet


def test_the_option_decides_between_two_sources_at_first_and_the_registers_later() -> None:
    both = {**historique(4000, 8300), "BASE": 50_000}
    home = Home()
    assert home.take(both, option="HC..") == 12_300
    assert home.take({**historique(4000, 8310), "BASE": 50_010}, option="BASE") == 12_310
    assert Home().take(both, option="BASE") == 50_000


def test_historique_to_standard_goes_on_at_once() -> None:
    home = Home()
    home.take(historique(4_000_000, 8_300_000))
    assert home.take(historique(4_000_000, 8_300_010)) == 12_300_010
    assert home.take({"EAST": 12_300_020}) == 12_300_020
    assert home.take({"EAST": 12_300_030}) == 12_300_030
    assert home.take(historique(4_000_000, 8_300_040)) == 12_300_040


def test_base_as_the_meters_totaliser_adds_no_energy() -> None:
    home = Home()
    home.take(historique(10_000_000, 12_239_000))
    home.take(historique(10_000_000, 12_239_010))
    assert home.take({"BASE": 28_298_020}) == 22_239_010
    assert home.take({"BASE": 28_298_030}) == 22_239_030
    assert home.take({"BASE": 28_298_040}) == 22_239_040


def test_each_change_gets_its_own_offset() -> None:
    home = Home()
    home.take({"EAST": 990})
    home.take({"EAST": 1000})
    for number in range(1, 6):
        for label in ("BASE", "EAST"):
            for minute in range(3):
                total = home.take({label: 3_000_000 * number + STEP_WH * minute})
        assert total == 1000 + number * 2 * 3 * STEP_WH


def test_one_wrong_frame_changes_nothing() -> None:
    home = Home()
    home.take(historique(4000, 8300))
    assert home.take({"BASE": 912_300_010}) == 12_300
    assert home.take(historique(4000, 8320)) == 12_320
    assert home.take({"BASE": 912_300_010}) == 12_320
    assert home.take(historique(4000, 8340)) == 12_340


def test_short_frames_between_the_two_consistent_ones_do_not_matter() -> None:
    home = Home()
    home.take({"EAST": 5000})
    home.take({"EAST": 5010})
    home.take({"BASE": 90_000})
    home.take({})
    assert home.take({"BASE": 90_020}) == 5040


def test_values_that_do_not_follow_from_one_another_never_count() -> None:
    home = Home()
    home.take({"EAST": 5000})
    for wrong in (90_000, 700_000, 20, 912_000_000, 91_000):
        assert home.take({"BASE": wrong}) == 5000


def test_a_held_register_stops_the_total_until_its_value_is_accepted() -> None:
    home = Home()
    home.take({"EAST": 12_300_000})
    home.take({"EAST": 12_300_010})
    for value in (0, 10, 20, 30):
        assert home.take({"EAST": value}, held={"EAST"}) == 12_300_010
    assert home.take({"EAST": 40}) == 12_300_060  # one minute is estimated
    assert home.take({"EAST": 50}) == 12_300_070


def test_zeros_never_count_however_long_they_last() -> None:
    home = Home()
    home.take({"EAST": 12_300_000})
    home.take({"EAST": 12_300_010})
    for _ in range(2):
        for _ in range(40):
            last = home.take({"EAST": 0}) or 0
        assert home.take({"EAST": last + 400}) == last + 400
    for _ in range(40):
        home.take({"EAST": 0})
    assert home.take({"EAST": 10}) == last + 410


def test_a_held_register_that_was_wrong_leaves_no_trace() -> None:
    home = Home()
    home.take({"EAST": 12_300_000})
    home.take({"EAST": 912_300_010}, held={"EAST"})
    assert home.take({"EAST": 12_300_020}) == 12_300_020
    assert home.take({"EAST": 912_300_030}, held={"EAST"}) == 12_300_020


def test_each_small_wrong_digit_is_made_good_by_the_next_growth() -> None:
    home = Home()
    east = 12_000_000
    home.take({"EAST": east})
    for _ in range(2):
        wrong = east + 50 + STEP_WH
        assert home.take({"EAST": wrong}) == wrong
        for minute in range(2, 6):  # the register is accepted below it before it has caught up
            assert home.take({"EAST": east + minute * STEP_WH}) == wrong
        east += 7 * STEP_WH
        assert home.take({"EAST": east}) == east


@pytest.mark.parametrize("fall", [1650, 1661])
def test_a_fall_of_more_than_ten_minutes_at_full_power_is_another_count(fall: int) -> None:
    home = Home()
    home.take({"EAST": 12_000_000})
    lower = 12_000_000 - fall
    home.take({"EAST": lower})
    expected = 12_000_000 + (STEP_WH if fall > 1650 else 0)
    assert home.take({"EAST": lower + STEP_WH}) == expected


def test_a_register_rolls_over_and_the_total_goes_on() -> None:
    home = Home()
    home.take({"EAST": 999_999_990})
    assert home.take({"EAST": 0}) == 1_000_000_000
    assert home.take({"EAST": 10}) == 1_000_000_010
    both = Home()
    both.take(historique(999_999_990, 900_000_000))
    assert both.take(historique(5, 900_000_005)) == 1_900_000_010


def test_only_one_register_that_counts_continues_the_total_of_the_frame_before() -> None:
    first, second = stamp(1), stamp(2)
    for values in ({"EAST": 1000}, historique(400, 600)):
        total = EnergyTotal()
        total.take(RegisterFrame(values, set(), "", Limit(first, most_wh)))
        growth = dict.fromkeys(values, 0)
        assert total.go_on(growth | {"EAST": 5, "HCHC": 5}, stamp(0), second) is None
        assert total.go_on({"BASE": 10}, first, second) is None
        counted = total.go_on(growth | {next(iter(values)): 10}, first, second)
        assert counted == Total((*values,), 1010, 1010, second.meter)
        if len(values) > 1:
            assert total.go_on(dict.fromkeys(values, 10), second, stamp(3)) is None
