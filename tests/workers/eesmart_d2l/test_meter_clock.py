from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.confirmation import CONFIRMED
from hems.workers.eesmart_d2l.meter_clock import MeterClock, span
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason
from hems.workers.eesmart_d2l.trusted_clock import Moment
from tests.fakes.linky import NOON, reading


def tell(
    clock: MeterClock, time: int | None, after_s: float = 0.0, *, wall: float | None = 0.0
) -> bool:
    """Give the clock a `time`, s after NOON, that arrives `after_s` after NOON.

    `wall` is the error of the gateway's clock (s), None while it is not trusted.
    """
    own = None if wall is None else NOON + after_s + wall
    new = reading(None if time is None else NOON + time)
    return clock.accept(new, Moment(1000 + after_s, own))


def is_accepted(clock: MeterClock, time: int, after_s: float, *, wall: float | None = 0.0) -> bool:
    try:
        tell(clock, time, after_s, wall=wall)
    except FrameRefused:
        return False
    return True


def test_the_same_second_twice_is_no_step_backwards() -> None:
    clock = MeterClock()
    assert [tell(clock, 0), tell(clock, 0, 1)] == [False, False]


@pytest.mark.parametrize(("back", "words"), [(1, "1 s older"), (90, "1 min older")])
def test_a_time_that_runs_backwards_is_refused_and_changes_nothing(back: int, words: str) -> None:
    clock = MeterClock()
    tell(clock, 0)
    with pytest.raises(FrameRefused, match=words):
        tell(clock, -back, 1)
    assert is_accepted(clock, 60, 60)


@pytest.mark.parametrize(("away", "is_right"), [(3660, True), (3661, False)])
@pytest.mark.parametrize("sign", [-1, 1], ids=["behind", "ahead"])
@pytest.mark.parametrize("is_first", [True, False], ids=["the first", "a later one"])
def test_a_time_may_be_an_hour_and_a_minute_away_at_any_time(
    away: int, is_right: bool, sign: int, is_first: bool
) -> None:
    clock = MeterClock()
    if not is_first:
        tell(clock, -4000 if sign < 0 else 0, 0, wall=-4000 if sign < 0 else 0)
    assert is_accepted(clock, sign * away, 0) == is_right


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (-12_600, "the meter's clock is 3 h 30 min behind"),
        (12_600, "the meter's clock is 3 h 30 min ahead"),
        (315_576_000, "the meter's clock is 3652 d 12 h ahead"),
    ],
)
def test_the_refusal_says_how_far_the_clock_is_off(away: int, words: str) -> None:
    with pytest.raises(FrameRefused, match=words) as raised:
        tell(MeterClock(), away)
    assert raised.value.reason == RefusalReason.TIME


@pytest.mark.parametrize("wall", [0.0, None], ids=["trusted", "not trusted"])
def test_one_time_of_2036_blocks_no_later_one(wall: float | None) -> None:
    clock = MeterClock()
    for minute in range(0, 1200, 120):
        assert is_accepted(clock, minute, minute, wall=wall)
        assert not is_accepted(clock, 315_576_000, minute + 30, wall=wall)


def test_a_far_time_taken_before_the_gateway_had_a_time_blocks_nothing() -> None:
    clock = MeterClock()
    assert is_accepted(clock, 315_576_000, 0, wall=None)
    assert tell(clock, 60, 60) is True
    assert is_accepted(clock, 120, 120)


@pytest.mark.parametrize("lead_s", [600, 3600], ids=["a wrong digit", "a wrong season"])
def test_a_time_ahead_once_blocks_no_later_one(lead_s: int) -> None:
    clock = MeterClock()
    for begin in (0, 600):
        assert is_accepted(clock, begin, begin)
        assert is_accepted(clock, begin + 60 + lead_s, begin + 60)
        assert tell(clock, begin + 120, begin + 120) is True
        assert not is_accepted(clock, begin + 60, begin + 121)


def test_neither_a_missing_nor_a_degraded_time_makes_an_older_reading_acceptable() -> None:
    clock = MeterClock()
    tell(clock, 0)
    tell(clock, None, 1)
    clock.accept(reading(NOON - 999, is_clock_degraded=True), Moment(1002, NOON + 2))
    assert not is_accepted(clock, -60, 3)


def accepted_after(clock: MeterClock, lead_s: int, times: list[int]) -> list[bool]:
    return [is_accepted(clock, lead_s + second, second) for second in times]


@pytest.mark.parametrize("lead_s", [-12_600, 12_600, -7200])
def test_a_clock_that_really_is_hours_off_is_accepted_after_minutes_and_stays_so(
    lead_s: int,
) -> None:
    clock = MeterClock()
    tell(clock, 0)
    times = [60 * number for number in range(1, 20)]
    doubted = CONFIRMED.readings - 1
    assert accepted_after(clock, lead_s, times) == [False] * doubted + [True] * (19 - doubted)
    assert is_accepted(clock, 1200, 1200)  # it was set right
    later = [1200 + second for second in times]
    assert accepted_after(clock, lead_s, later)[:doubted] == [False] * doubted


@pytest.mark.parametrize("wall", [0.0, None], ids=["trusted", "not trusted"])
def test_a_burst_of_old_frames_is_never_accepted(wall: float | None) -> None:
    clock = MeterClock()
    tell(clock, 0)
    for begun in (1, 1000):
        burst = [(-7200 + 60 * n, begun + n * 0.1) for n in range(40)]
        assert not any(is_accepted(clock, time, at, wall=wall) for time, at in burst)
        assert is_accepted(clock, begun + 60, begun + 60, wall=wall)


@pytest.mark.parametrize(
    ("step_s", "is_right"), [(47, False), (48, True), (60, True), (72, True), (73, False)]
)
def test_doubted_times_keep_the_pace_of_our_clock_within_a_minute_in_all(
    step_s: int, is_right: bool
) -> None:
    clock = MeterClock()
    tell(clock, 0)
    accepted = [is_accepted(clock, -7200 + step_s * n, 60 * n) for n in range(1, 7)]
    assert accepted == [False] * 5 + [is_right]


def test_old_frames_between_the_meters_own_never_become_the_truth() -> None:
    clock = MeterClock()
    for minute in range(0, 1200, 60):
        assert is_accepted(clock, minute, minute)
        assert not is_accepted(clock, minute - 7200, minute + 30)


def test_a_restart_forgets_no_time() -> None:
    clock = MeterClock()
    clock.remember(NOON, 1000)
    assert not is_accepted(clock, -60, 10)
    assert is_accepted(clock, 60, 60)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3720, "1 h 2 min"),
        (90_000, "1 d 1 h"),
        (86_460, "1 d"),
    ],
)
def test_a_span_has_its_two_largest_units(seconds: int, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(("lead_s", "was_wrong"), [(60, False), (61, True)])
def test_a_time_more_than_a_minute_ahead_may_be_followed_by_an_earlier_right_one(
    lead_s: int, was_wrong: bool
) -> None:
    clock = MeterClock()
    for after_s in (0, 600):
        tell(clock, after_s + lead_s, after_s)
        assert is_accepted(clock, after_s, after_s) == was_wrong


@pytest.mark.parametrize(
    ("last_lead_s", "lead_s", "is_right"),
    [
        (600, 60, True),
        (600, 61, False),
        (600, -60, True),
        (600, -61, False),
        (3660, 3000, False),
        (3661, 3000, True),
        (4000, 3660, True),
    ],
)
def test_how_near_a_time_after_one_that_was_ahead_has_to_be(
    last_lead_s: int, lead_s: int, is_right: bool
) -> None:
    clock = MeterClock()
    tell(clock, last_lead_s, wall=None)  # so that it may be any time ahead
    assert is_accepted(clock, lead_s, 0) == is_right
