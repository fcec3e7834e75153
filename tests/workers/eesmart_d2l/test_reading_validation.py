from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from hems.workers.eesmart_d2l.reading_validation import LinkyMeter
from hems.workers.eesmart_d2l.refused_frames import FrameRefused
from hems.workers.eesmart_d2l.total_source import Total
from hems.workers.eesmart_d2l.trusted_clock import Moment
from tests.fakes.linky import NOON, reading
from tests.workers.eesmart_d2l.readings_of_a_meter import (
    DAY_S,
    accept,
    give,
    last_good,
    of,
    rated,
)


def test_a_first_reading_is_accepted_as_it_is() -> None:
    accepted = give(LinkyMeter(), 0, EAST=5_000_000)
    assert accepted.reading.measurements["EAST"].value == 5_000_000
    assert (accepted.registers.growth, accepted.power_w) == ({"EAST": 0}, None)


def test_a_held_register_is_shown_at_its_last_good_value() -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    accepted = give(meter, 1, EAST=0)
    assert accepted.reading.measurements["EAST"].value == 5_000_000
    assert (accepted.registers.growth, accepted.power_w) == ({}, None)


def test_an_absent_register_is_shown_at_its_last_good_value() -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    accepted = give(meter, 1)
    assert accepted.reading.measurements["EAST"].value == 5_000_000
    assert accepted.power_w is None


def test_a_garbled_rating_or_text_is_not_shown() -> None:
    meter = LinkyMeter()
    accept(meter, rated(reading(EAST=5_000_000), NGTF="BASE"))
    new = rated(reading(NOON + 60, EAST=5_000_000), NGTF="B@SE", LTARF="now")
    garbled = {"PCOUP": Measurement(999_000, Quantity.APPARENT_POWER)}
    new = structs.replace(new, measurements={**new.measurements, **garbled})
    accepted = accept(meter, new, 60).reading
    assert accepted.measurements["PCOUP"].value == 6000
    assert accepted.texts == {"NGTF": "BASE", "LTARF": "now"}
    assert accepted.tariff_calendar == "BASE"


@pytest.mark.parametrize("away", [-DAY_S, DAY_S])
def test_a_reading_of_another_time_is_refused_and_changes_nothing(away: int) -> None:
    meter = LinkyMeter()
    give(meter, 0, EAST=5_000_000)
    with pytest.raises(FrameRefused, match="the meter's clock is 1 d"):
        accept(meter, reading(NOON + away, EAST=5_000_100))
    assert give(meter, 1, EAST=5_000_010).registers.growth == {"EAST": 10}


@pytest.mark.parametrize(
    ("silence_s", "rise", "is_held"),
    [(60, 500, True), (DAY_S, 1000, False), (DAY_S, 900_000_000, True)],
)
def test_the_first_reading_after_a_restart_is_judged_like_any_other(
    silence_s: int, rise: int, is_held: bool
) -> None:
    meter = LinkyMeter()
    meter.remember(last_good(12_300_000))
    new = reading(NOON + silence_s, EAST=12_300_000 + rise)
    accepted = accept(meter, new, silence_s)
    assert ("EAST" in accepted.registers.held) == is_held
    assert accepted.registers.growth == ({} if is_held else {"EAST": rise})


@pytest.mark.parametrize(
    ("received_at", "is_trusted"),
    [(None, True), (float(NOON), False), (NOON + 99_999.0, True)],
    ids=["unknown", "no time", "in the future"],
)
def test_without_a_trusted_time_the_silence_proves_no_large_rise(
    received_at: float | None, is_trusted: bool
) -> None:
    meter = LinkyMeter()
    meter.remember(last_good(12_300_000, received_at=received_at))
    new = reading(NOON + 30, EAST=12_400_000)
    assert "EAST" in accept(meter, new, 30, is_trusted=is_trusted).registers.held


def test_the_silence_is_known_once_the_gateway_has_a_time() -> None:
    meter = LinkyMeter()
    meter.remember(last_good(12_300_000))
    for minute in (0, 1):
        new = reading(None, EAST=12_400_000 + minute)
        accepted = accept(meter, new, DAY_S + 60 * minute, is_trusted=minute > 0)
        assert ("EAST" in accepted.registers.held) == (minute == 0)
    assert accepted.registers.growth == {"EAST": 100_001}
    later = accept(meter, reading(None, EAST=12_500_000), DAY_S + 120)
    assert "EAST" in later.registers.held


def test_a_frame_from_before_the_restart_is_refused_after_it() -> None:
    meter = LinkyMeter()
    meter.remember(last_good(12_300_000))
    with pytest.raises(FrameRefused, match="older than the last one"):
        accept(meter, reading(NOON - 120, EAST=12_300_000), 60)


GARBAGE = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from([0, 12_300_000, 999_999_999, 1_000_000_000]),
        st.integers(0, 10**9),
        st.integers(12_299_000, 12_302_000),
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(st.tuples(st.integers(1, 30), GARBAGE), min_size=1, max_size=3))
def test_whatever_comes_in_between_the_truth_is_shown_soon_after_it_returns(
    episodes: list[tuple[int, list[int | None]]],
) -> None:
    """A meter counts 20 Wh a minute; garbage may add what a meter can carry, and no more."""
    meter, minute = LinkyMeter(), 0
    truth, most = 12_300_000, 0.0
    capacity = MeterCapacity()
    capacity.remember({"PCOUP": 6000})
    give(meter, 0, EAST=truth)
    for good_minutes, garbage in episodes:
        values: list[int | None] = [*garbage, *[-1] * (good_minutes + 12)]
        for value in values:
            minute, truth = minute + 1, truth + 20
            indexes = {} if value is None else {"EAST": truth if value == -1 else value}
            published = give(meter, minute, **indexes).reading.measurements.get("EAST")
            most = max(float(truth), most) + capacity.energy_wh(60)
            assert published is not None
            assert published.value <= most or len(garbage) > 5
        assert published is not None
        assert published.value == truth


def test_the_total_counts_a_long_absence_once_the_clock_is_trusted() -> None:
    meter = LinkyMeter()
    total = Total(("EAST",), 5_000_000, 4_000_000, NOON)
    meter.remember(replace(last_good(5_000_000), total=total))
    untrusted = rated(of(NOON + DAY_S, {"EAST": 5_060_000}))
    with pytest.raises(FrameRefused):
        meter.accept(untrusted, Moment(1000, None))
    for second, total_wh in ((60, 4_000_000), (120, 4_060_020)):
        trusted = rated(of(NOON + DAY_S + second, {"EAST": 5_060_000 + second // 6}))
        accepted = meter.accept(trusted, Moment(1000 + second, NOON + DAY_S + second))
        assert accepted.total is not None
        assert accepted.total.total == total_wh
