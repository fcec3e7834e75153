import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.workers.eesmart_d2l.meter import TOTAL, Meter, estimated_power
from hems.workers.eesmart_d2l.refusals import Reason, Refused
from tests.fakes.linky import NOON, reading


def test_a_first_reading_is_accepted_as_it_is() -> None:
    accepted = Meter().accept(reading(EAST=5000), NOON)
    assert (accepted.held, accepted.power_w) == ({}, None)


def test_the_same_second_twice_is_no_step_backwards() -> None:
    meter = Meter()
    meter.accept(reading(EAST=5000), NOON)
    assert meter.accept(reading(EAST=5000), NOON).held == {}


def test_time_that_runs_backwards_is_refused_and_changes_nothing() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    with pytest.raises(Refused, match="60 s before") as raised:
        meter.accept(reading(NOON - 60, EAST=4000), NOON)
    assert raised.value.reason == Reason.TIME
    assert meter.accept(reading(NOON + 60, EAST=5010), NOON).power_w == pytest.approx(600)


def test_a_meter_whose_clock_was_ahead_may_be_set_right() -> None:
    meter = Meter()
    meter.accept(reading(NOON + 86400, EAST=5000), NOON)
    assert meter.accept(reading(NOON, EAST=5001), NOON).power_w is None


@pytest.mark.parametrize("wall", [None, NOON + 86400, NOON - 86400])
def test_a_clock_set_back_needs_the_gateways_own_time_as_a_witness(wall: float | None) -> None:
    meter = Meter()
    meter.accept(reading(NOON + 86400, EAST=5000), wall)
    with pytest.raises(Refused):
        meter.accept(reading(NOON, EAST=5001), wall)


def test_a_degraded_clock_proves_nothing() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    meter.accept(reading(NOON - 999, EAST=5000, is_clock_degraded=True), NOON)


def test_a_reading_without_a_time_is_accepted() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    assert meter.accept(reading(None, EAST=5000), NOON).held == {}


@pytest.mark.parametrize("value", [0, 4999])
def test_an_index_that_decreases_is_held_at_its_last_good_value(value: int) -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000, EASF01=300), NOON)
    accepted = meter.accept(reading(NOON + 60, EAST=value, EASF01=310), NOON)
    assert accepted.held == {"EAST": 5000, TOTAL: 5000}


def test_an_index_that_jumps_beyond_reason_is_held_and_does_not_spoil_the_next() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    assert meter.accept(reading(NOON + 60, EAST=900_000_000), NOON).held["EAST"] == 5000
    assert meter.accept(reading(NOON + 120, EAST=5020), NOON).held == {}


def test_a_month_without_readings_is_no_jump() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    assert meter.accept(reading(NOON + 30 * 86400, EAST=1_005_000), NOON).held == {}


@pytest.mark.parametrize("change", [{"identity": "another"}, {"calendar": "HC"}])
def test_another_meter_or_calendar_may_start_anew(change: dict[str, str]) -> None:
    meter = Meter()
    meter.accept(reading(NOON, EASF01=5000), NOON)
    accepted = meter.accept(reading(NOON + 60, EASF01=0, **change), NOON)  # type: ignore[arg-type]
    assert (accepted.held, accepted.power_w) == ({}, None)


def test_power_is_estimated_from_the_index() -> None:
    meter = Meter()
    meter.accept(reading(NOON, EAST=5000), NOON)
    assert meter.accept(reading(NOON + 60, EAST=5040), NOON).power_w == pytest.approx(2400)


def test_a_small_power_is_estimated_over_a_longer_span() -> None:
    """100 W are 1.67 Wh a minute: one minute alone says 60 or 120 W."""
    totals = [(60.0 * minute, 5000 + 100 * minute // 60) for minute in range(11)]
    assert estimated_power(totals[-2:]) in (60, 120)
    assert estimated_power(totals) == pytest.approx(100, abs=20)


def test_a_large_power_is_estimated_over_the_last_span_alone() -> None:
    totals = [(0.0, 5000), (60.0, 5001), (120.0, 5101)]
    assert estimated_power(totals) == pytest.approx(6000)


@pytest.mark.parametrize(
    "totals", [[], [(0.0, 5000)], [(0.0, 5000), (601.0, 5001)], [(5.0, 1), (5.0, 2)]]
)
def test_no_estimate_without_an_earlier_reading_near_enough(
    totals: list[tuple[float, int]],
) -> None:
    assert estimated_power(totals) is None


@given(st.lists(st.tuples(st.integers(-100, 10_000), st.integers(0, 10**6)), max_size=40))
def test_what_is_published_never_decreases(steps: list[tuple[int, int]]) -> None:
    meter, published, time = Meter(), 0, NOON
    for seconds, east in steps:
        time += seconds
        try:
            accepted = meter.accept(reading(time, EAST=east), NOON)
        except Refused:
            continue
        shown = accepted.held.get("EAST", east)
        assert shown >= published or published == 0
        published = shown
        assert accepted.power_w is None or accepted.power_w >= 0
