"""The estimated power of accepted readings."""

from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.reading_validation import LinkyMeter
from hems.workers.eesmart_d2l.refused_frames import FrameRefused
from tests.fakes.linky import NOON, reading
from tests.workers.eesmart_d2l.readings_of_a_meter import (
    accept,
    give,
    historique,
)


def test_power_is_estimated_from_what_was_drawn() -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    assert give(meter, 1, EAST=5_000_040).power_w == pytest.approx(2400)


def test_each_time_no_newer_total_supports_it_power_is_unknown() -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    for minute in (1, 11):
        east = 5_000_000 + 40 * minute
        assert give(meter, minute, EAST=east).power_w is not None or minute == 11
        assert give(meter, minute + 1, EAST=east + 40).power_w == pytest.approx(2400)
        assert give(meter, minute + 2, EAST=900_000_000).power_w is None
        assert give(meter, minute + 3).power_w is None
        assert give(meter, minute + 4, EAST=east + 160).power_w == pytest.approx(2400)


def test_power_never_exceeds_what_the_meter_can_carry() -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    assert give(meter, 1, EAST=5_000_130).power_w == 6000


def test_each_time_a_small_wrong_digit_is_taken_back_power_is_unknown_and_not_zero() -> None:
    meter = LinkyMeter()
    for begun in (0, 20):
        east = 5_000_000 + 40 * begun
        give(meter, begun, EAST=east)
        give(meter, begun + 1, EAST=east + 130)
        powers = [give(meter, begun + n, EAST=east + 10 * n).power_w for n in range(2, 10)]
        assert powers[:7] == [None] * 7
        assert powers[7] == pytest.approx(600)


def test_what_one_register_counts_while_another_is_held_is_not_lost() -> None:
    meter = LinkyMeter()
    frames = [(4_000_000, 8_300_000), (4_000_010, 0), (4_000_010, 8_300_020)]
    powers = [
        accept(meter, historique(NOON + 60 * n, "HC..", HCHC=hc, HCHP=hp), 60 * n).power_w
        for n, (hc, hp) in enumerate(frames)
    ]
    assert powers == [None, None, pytest.approx(900)]


def test_no_power_is_estimated_across_a_change_of_contract() -> None:
    meter = LinkyMeter()
    for begun, option, indexes in (
        (0, "HC..", {"HCHC": 10_000_000, "HCHP": 12_239_000}),
        (2, "BASE", {"BASE": 28_298_020}),
        (4, "HC..", {"HCHC": 10_000_000, "HCHP": 12_239_000}),
    ):
        for minute in (begun, begun + 1):
            new = historique(NOON + 60 * minute, option, **indexes)
            accepted = accept(meter, new, 60 * minute)
            assert accepted.power_w is None
        assert accepted.reading.tariff_calendar == option
        assert accepted.reading.indexes == indexes


def test_totals_from_before_a_clock_was_set_back_estimate_no_power_after_it() -> None:
    meter = LinkyMeter()
    accept(meter, reading(NOON, EAST=5000))
    for minute in range(1, 6):
        with pytest.raises(FrameRefused):
            accept(meter, reading(NOON - 400 + 60 * minute, EAST=5000), 60 * minute)
    assert accept(meter, reading(NOON - 40, EAST=5070), 360).power_w is None
    assert accept(meter, reading(NOON + 20, EAST=5110), 420).power_w == pytest.approx(2400)
