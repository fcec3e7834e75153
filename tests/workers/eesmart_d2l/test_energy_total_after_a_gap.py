"""What the total counts for a time without frames, and after a restart."""

from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.energy_register import GAP_S
from hems.workers.eesmart_d2l.total_source import Total
from tests.workers.eesmart_d2l.home_with_a_total import (
    BASE,
    EAST,
    HC,
    MINUTE,
    NOON,
    Home,
    after_restart,
)


@pytest.mark.parametrize("first", [0, 7, 99_000, 5_000_000, 40_000_000])
def test_another_meter_begins_anywhere(first: int) -> None:
    home = Home()
    home.take({"EAST": 12_300_000})
    home.take({"EAST": 12_300_010})
    home.take({"EAST": first})
    assert home.take({"EAST": first + 10}) == 12_300_030
    assert home.take({"EAST": first + 20}) == 12_300_040


def test_the_gap_is_estimated_for_ten_minutes_at_most() -> None:
    for minutes, estimate in ((GAP_S / MINUTE, 100), (GAP_S / MINUTE + 1, 0)):
        home = Home()
        home.take({"EAST": 5000})
        home.take({"EAST": 5010})
        home.take({"BASE": 90_000}, minutes=minutes)
        assert home.take({"BASE": 90_010}) == 5020 + estimate


def test_the_estimate_uses_the_power_of_the_last_minutes() -> None:
    home = Home()
    total = 100_000
    for _ in range(60):
        total += 100
        home.take({"EAST": total})
    for _ in range(15):
        total += 10
        home.take({"EAST": total})
    home.take({"BASE": 9_000_000}, minutes=3)
    assert home.take({"BASE": 9_000_010}) == total + 3 * 10 + 10


def test_the_power_of_before_a_restart_is_used_for_the_gap() -> None:
    for power_w, estimate in ((None, 0), (600.0, 10)):
        home = after_restart(Total(EAST, 5000, 5000, NOON), power_w)
        home.take({"BASE": 90_000})
        assert home.take({"BASE": 90_010}) == 5010 + estimate


def test_a_restart_keeps_source_and_offset() -> None:
    home = after_restart(Total(BASE, 28_298_030, 22_239_030, NOON))
    assert home.take({}) == 22_239_030
    assert home.take({"BASE": 28_298_040}) == 22_239_040


def test_an_offset_may_be_negative() -> None:
    assert Total(BASE, 28_298_030, 22_239_030, NOON).offset == 22_239_030 - 28_298_030


def test_a_long_absence_counts_what_the_source_has_counted() -> None:
    home = after_restart(Total(EAST, 5_000_000, 5_000_000, NOON))
    day = 24 * 60
    assert home.take({"EAST": 5_060_000}, minutes=3 * day) == 5_060_000


def test_after_a_power_cut_the_meters_clock_tells_how_long_it_was() -> None:
    home = Home()
    home.take({"EAST": 5_000_000})
    three_days = 3 * 24 * 60
    assert home.take({"EAST": 5_060_000}, held={"EAST"}, lead_minutes=three_days) == 5_000_000
    assert home.take({"EAST": 5_060_010}) == 5_060_010
    assert home.take({"EAST": 9_060_020}, held={"EAST"}) == 5_060_010
    assert home.take({"EAST": 9_060_030}) == 5_060_020  # another meter; no power is known


def test_the_time_of_a_retained_total_can_be_corrected_once() -> None:
    for believed, expected in ((0.0, 5_060_000), (1.0, 5_000_000)):
        home = Home()
        home.total.remember(Total(EAST, 5_000_000, 5_000_000, None), 0.0, None)
        home.total.date(believed, -3.0 * 24 * 3600)
        assert home.take({"EAST": 5_060_000}) == expected


def test_a_long_absence_does_not_make_a_totaliser_plausible() -> None:
    day = 24 * 60
    changed = after_restart(Total(HC, 22_239_010, 22_239_010, NOON))
    changed.take({"BASE": 28_298_020}, minutes=60 * day)
    assert changed.take({"BASE": 28_298_030}) == 22_239_020
    switched = after_restart(Total(HC, 22_239_010, 22_239_010, NOON))
    assert switched.take({"EAST": 22_839_010}, minutes=60 * day) == 22_839_010


def test_a_clock_that_was_set_back_estimates_nothing() -> None:
    home = Home()
    home.take({"EAST": 5000})
    home.take({"EAST": 5010}, minutes=-30)
    home.take({"EAST": 5020})
    home.take({"BASE": 90_000}, minutes=-1)
    assert home.take({"BASE": 90_010}) == 5030


def test_totals_from_before_a_clock_was_set_back_count_in_no_estimate_twice() -> None:
    home, value = Home(), 100_000
    total = value
    for source, other, first in (("EAST", "BASE", 9_000_000), ("BASE", "EAST", 20_000_000)):
        home.take({source: value})
        for growth, lead_minutes in ((100, 0), (100, 0), (10, -30), (10, 0), (10, 0)):
            value, total = value + growth, total + growth
            assert home.take({source: value}, lead_minutes=lead_minutes) == total
        home.take({other: first}, minutes=3)
        value, total = first + 10, total + 3 * 10 + 10
        assert home.take({other: value}) == total


def test_two_totals_of_the_same_second_estimate_nothing() -> None:
    home = Home()
    home.take({"EAST": 5000})
    home.take({"EAST": 5010}, lead_minutes=-1)
    home.take({"BASE": 90_000})
    assert home.take({"BASE": 90_010}) == 5020
