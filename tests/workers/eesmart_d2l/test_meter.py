import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.linky import Reading
from hems.workers.eesmart_d2l.meter import CONFIRMED, TOTAL, Accepted, Meter, estimated_power
from hems.workers.eesmart_d2l.refusals import Reason, Refused
from hems.workers.eesmart_d2l.wall_clock import Moment
from tests.fakes.linky import NOON, reading


def accept(
    meter: Meter, told: Reading, after_s: float = 0.0, *, is_trusted: bool = True
) -> Accepted:
    """Give `meter` a reading that comes `after_s` seconds after NOON."""
    return meter.accept(told, Moment(1000 + after_s, NOON + after_s if is_trusted else None))


def test_a_first_reading_is_accepted_as_it_is() -> None:
    accepted = accept(Meter(), reading(EAST=5000))
    assert (accepted.held, accepted.power_w) == ({}, None)


def test_the_same_second_twice_is_no_step_backwards() -> None:
    meter = Meter()
    accept(meter, reading(EAST=5000))
    assert accept(meter, reading(EAST=5000)).held == {}


def test_time_that_runs_backwards_is_refused_and_changes_nothing() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    with pytest.raises(Refused, match="60 s before") as raised:
        accept(meter, reading(NOON - 60, EAST=4000), 1)
    assert raised.value.reason == Reason.TIME
    assert accept(meter, reading(NOON + 60, EAST=5020), 60).power_w == pytest.approx(1200)


@pytest.mark.parametrize("away", [-86400, 86400])
def test_a_first_reading_from_another_time_is_refused(away: int) -> None:
    """An old frame sent again after a restart must not become the truth."""
    with pytest.raises(Refused, match="from the gateway's time"):
        accept(Meter(), reading(NOON + away, EAST=1))


def test_a_first_reading_is_believed_while_the_gateway_has_no_time_of_its_own() -> None:
    accept(Meter(), reading(NOON - 86400, EAST=1), is_trusted=False)


def test_neither_a_missing_nor_a_degraded_time_makes_an_older_reading_acceptable() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    accept(meter, reading(None, EAST=5000), 1)
    accept(meter, reading(NOON - 999, EAST=5000, is_clock_degraded=True), 2)
    with pytest.raises(Refused):
        accept(meter, reading(NOON - 60, EAST=5000), 3)


def test_a_clock_that_was_set_back_is_believed_once_it_has_gone_on_like_ours() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    for minute in range(1, CONFIRMED):
        with pytest.raises(Refused):
            accept(meter, reading(NOON - 7200 + 60 * minute, EAST=5000 + minute), 60 * minute)
    minute = CONFIRMED
    accept(meter, reading(NOON - 7200 + 60 * minute, EAST=5000 + minute), 60 * minute)
    assert accept(meter, reading(NOON - 6840, EAST=5065), 360).power_w == pytest.approx(3600)


def test_old_frames_between_the_meters_own_never_become_the_truth() -> None:
    meter = Meter()
    for minute in range(20):
        accept(meter, reading(NOON + 60 * minute, EAST=5000 + minute), 60 * minute)
        with pytest.raises(Refused):
            accept(meter, reading(NOON - 7200 + 60 * minute, EAST=9), 60 * minute + 30)


@pytest.mark.parametrize("value", [0, 4999])
def test_an_index_that_decreases_is_held_at_its_last_good_value_for_ever(value: int) -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000, EASF01=300))
    for minute in range(1, 20):
        accepted = accept(meter, reading(NOON + 60 * minute, EAST=value, EASF01=310), 60 * minute)
        assert accepted.held == {"EAST": 5000, TOTAL: 5000}


def test_an_index_that_jumps_beyond_reason_is_held_and_does_not_spoil_the_next() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    assert accept(meter, reading(NOON + 60, EAST=900_000_000), 60).held["EAST"] == 5000
    assert accept(meter, reading(NOON + 120, EAST=5020), 120).held == {}


def test_a_jump_that_stays_is_believed_in_the_end() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=0))
    held = [
        accept(meter, reading(NOON + 60 * n, EAST=30_000_000 + n), 60 * n).held
        for n in range(1, CONFIRMED + 2)
    ]
    assert [bool(one) for one in held] == [True] * (CONFIRMED - 1) + [False, False]


def test_a_month_without_readings_is_no_jump() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    month = 30 * 86400
    assert accept(meter, reading(NOON + month, EAST=1_005_000), month).held == {}


@pytest.mark.parametrize(
    "told",
    [
        reading(NOON + 60, identity="another", EASF01=0),
        reading(NOON + 60, calendar="HC", EASF01=0),
    ],
    ids=["another meter", "another calendar"],
)
def test_another_meter_or_calendar_may_start_anew(told: Reading) -> None:
    meter = Meter()
    accept(meter, reading(NOON, EASF01=5000))
    accepted = accept(meter, told, 60)
    assert (accepted.held, accepted.power_w) == ({}, None)


def test_power_is_estimated_from_the_index() -> None:
    meter = Meter()
    accept(meter, reading(NOON, EAST=5000))
    assert accept(meter, reading(NOON + 60, EAST=5040), 60).power_w == pytest.approx(2400)


def test_a_small_power_is_estimated_over_a_longer_span() -> None:
    """100 W are 1.67 Wh a minute: one minute alone says 60 or 120 W."""
    totals = [(60.0 * minute, 5000 + 100 * minute // 60) for minute in range(11)]
    assert estimated_power(totals[-2:]) is None
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
    for number, (seconds, east) in enumerate(steps):
        time += seconds
        try:
            accepted = accept(meter, reading(time, EAST=east), number, is_trusted=False)
        except Refused:
            continue
        shown = accepted.held.get("EAST", east)
        assert shown >= published
        published = shown
        assert accepted.power_w is None or accepted.power_w >= 0
