from __future__ import annotations

from collections.abc import Iterable

import pytest

from hems.workers.eesmart_d2l.confirmation import CONFIRMED
from hems.workers.eesmart_d2l.energy_register import (
    ROLLED_OVER,
    UNLIKELY,
    Doubt,
    EnergyRegister,
    Limit,
    Stamp,
)

MOST_A_MINUTE = 100


def limit(minute: float) -> Limit:
    """Return the limit of a meter that counts at most 100 Wh a minute."""
    at = Stamp(1000 + 60 * minute, round(60 * minute))
    return Limit(at, lambda seconds: MOST_A_MINUTE * seconds / 60)


def give(register: EnergyRegister, value: int, minute: float) -> int | None:
    """Give the register a value as a frame does; return what was counted, None if it is held."""
    doubt = register.doubt(value, limit(minute))
    if doubt is None:
        return register.accept(value, limit(minute).at)
    return register.confirm(value, limit(minute), doubt)


def started(value: int, minute: float = 0) -> EnergyRegister:
    return EnergyRegister(value, limit(minute).at)


def shown(register: EnergyRegister, values: Iterable[int], first_minute: int = 1) -> list[object]:
    """Return what the register shows after each of `values`, one a minute."""
    return [
        (give(register, value, minute), register.value)[1]
        for minute, value in enumerate(values, first_minute)
    ]


def doubt(register: EnergyRegister, value: int, minute: float) -> Doubt:
    new_doubt = register.doubt(value, limit(minute))
    assert new_doubt is not None
    return new_doubt


@pytest.mark.parametrize("rise", [0, 1, 100])
def test_what_the_meter_can_count_is_accepted_at_once(rise: int) -> None:
    register = started(5000)
    assert give(register, 5000 + rise, 1) == rise
    assert register.value == 5000 + rise


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5101, "5101 is 101 above 5000"),
        (4999, "4999 is below 5000"),
        (0, "zero after 5000"),
        (1_000_000_000, "more than nine digits"),
    ],
)
def test_what_it_cannot_have_counted_is_doubted_in_words(value: int, words: str) -> None:
    assert words in doubt(started(5000), value, 1).reason


def test_the_limit_grows_with_the_time_since_the_last_good_value() -> None:
    register = started(500_000)
    assert give(register, 500_300, 2) is None
    assert give(register, 500_300, 3) == 300


@pytest.mark.parametrize(("lead_s", "is_allowed"), [(3600, True), (3599, False), (86_400, True)])
def test_the_meters_clock_adds_at_most_an_hour(lead_s: int, is_allowed: bool) -> None:
    at = Stamp(0.0, lead_s)
    limit = Limit(at, lambda seconds: MOST_A_MINUTE * seconds / 60)
    assert limit.allows(6000, since=Stamp(0.0, 0)) == is_allowed
    assert at.seconds_since(Stamp(0.0, 0)) <= 3600


def test_a_clock_that_was_set_back_takes_no_time_away() -> None:
    assert Stamp(60.0, 0).seconds_since(Stamp(0.0, 7200)) == 60
    assert Stamp(60.0, None).seconds_since(Stamp(0.0, 0)) == 60


@pytest.mark.parametrize("jump", [40_000_000, 20], ids=["up", "down"])
def test_each_jump_that_stays_is_accepted_after_six_readings_and_four_minutes(jump: int) -> None:
    register = started(5_000_000)
    for base, first_minute in ((jump, 1), (jump + 300_000, 100)):
        values = [base + 10 * number for number in range(8)]
        before = register.value
        assert shown(register, values, first_minute) == [before] * 5 + values[5:]


def test_what_a_register_counts_while_it_is_confirmed_is_counted() -> None:
    register = started(5_000_000)
    counted = [give(register, 20 + 10 * minute, minute) for minute in range(1, 8)]
    assert counted == [None] * 5 + [50, 10]


def test_readings_in_a_burst_confirm_nothing() -> None:
    register = started(5_000_000)
    for number in range(100):
        assert give(register, 900_000_000 + number, number / 100) is None
    assert register.value == 5_000_000


@pytest.mark.parametrize("between", [5_000_030, 7_000_000], ids=["a good one", "another jump"])
def test_a_value_in_between_begins_the_confirmation_again(between: int) -> None:
    register = started(5_000_000)
    for begun in (1, 21):
        give(register, 5_000_000 + begun, begun - 1)
        for minute in range(begun, begun + 5):
            assert give(register, 900_000_000, minute) is None
        give(register, between, begun + 5)
        assert register.value is not None
        assert register.value < 5_000_100
        assert give(register, 900_000_000, begun + 6) is None


def test_zero_for_half_an_hour_becomes_unknown_and_never_zero() -> None:
    register = started(5_000_000)
    seen = shown(register, [0] * 40)
    assert seen == [5_000_000] * 30 + [None] * 10
    assert shown(register, [5_000_100, 5_000_110], 41) == [None, 5_000_110]


def test_a_register_that_begins_again_is_accepted_as_soon_as_it_has_grown() -> None:
    register = started(5_000_000)
    assert shown(register, [0, 0, 0, 10, 10, 20]) == [5_000_000] * 5 + [20]


def test_five_zeros_in_a_row_leave_no_trace() -> None:
    register = started(5_000_000)
    for begun in (1, 11):
        assert shown(register, [0] * 5, begun) == [5_000_000 + 10 * (begun // 10)] * 5
        assert give(register, 5_000_010 + 10 * (begun // 10), begun + 5) == 10


def test_a_roll_over_is_recognised_after_a_few_readings_that_grow() -> None:
    register = started(999_999_990)
    counted = [give(register, value, minute) for minute, value in enumerate([0, 10, 20, 30], 1)]
    assert counted == [None, None, 30, 10]
    assert doubt(started(999_999_990), 5, 1).evidence is ROLLED_OVER


def test_zeros_instead_of_a_full_register_are_no_roll_over() -> None:
    register = started(999_999_990)
    assert shown(register, [0, 0, 0, 0, 0]) == [999_999_990] * 5


@pytest.mark.parametrize("last", [899_999_999, 5_000_000])
def test_a_register_that_is_not_full_cannot_roll_over(last: int) -> None:
    assert doubt(started(last), 10, 1).evidence is CONFIRMED
    assert doubt(started(last), 0, 1).evidence is UNLIKELY


def test_a_small_wrong_digit_freezes_nothing() -> None:
    """It is within the limit, so it is accepted; then the true values are below it."""
    register = started(5_000_000)
    for begun in (1, 21):
        truth = [5_000_000 + 10 * minute for minute in range(begun, begun + 20)]
        shown(register, truth[:3], begun)
        assert give(register, truth[3] + 80, begun + 3) == 90
        small = [truth[3] + number for number in range(1, 7)]
        counted = [give(register, value, begun + 3 + n) for n, value in enumerate(small, 1)]
        assert counted == [None] * 5 + [6 - 80]
        assert register.value == small[-1]


def test_home_assistant_never_sees_a_reset_because_of_a_small_wrong_digit() -> None:
    register = started(100)
    shown(register, [110, 200])
    values = [120 + 5 * number for number in range(16)]
    seen = shown(register, values, 3)
    assert seen == [200] * 12 + values[12:]
    assert values[12] >= 0.9 * 200


def test_after_a_silence_what_ten_minutes_can_count_is_accepted_at_once_and_no_more() -> None:
    register = started(5000)
    assert [give(register, value, 60) for value in (6001, 6000)] == [None, 1000]
    assert [give(register, value, 120) for value in (7001, 7000)] == [None, 1000]


def test_after_a_silence_more_than_ten_minutes_can_count_needs_a_second_reading() -> None:
    day = 24 * 60
    register = started(5_000_000)
    for begun in (0, 3 * day):
        last = register.value or 0
        assert give(register, last + 100_000, begun + day) is None
        assert give(register, last + 1500, begun + day + 1) is None  # the one before was wrong
        assert give(register, last + 1510, begun + day + 2) == 1510
        assert give(register, last + 2000, begun + 2 * day) == 490
        assert give(register, last + 102_000, begun + 3 * day) is None
        assert give(register, last + 102_010, begun + 3 * day + 1) == 100_010


def test_a_new_register_shows_its_second_value() -> None:
    register = EnergyRegister()
    assert [give(register, 28_298_020, 1), give(register, 28_298_030, 2)] == [None, 10]


def test_a_new_register_that_is_not_used_shows_zero() -> None:
    register = EnergyRegister()
    assert shown(register, [0, 0, 0, 10, 20]) == [None, 0, 0, 10, 20]


def test_each_time_a_register_became_unknown_it_shows_no_zero_until_it_counts() -> None:
    register = started(5_000_000)
    for begun, value in ((1, 5_000_000), (101, 20)):
        assert shown(register, [0] * 60, begun) == [value] * 30 + [None] * 30
        assert shown(register, [10, 20], begun + 70) == [10, 20]


def test_a_proven_value_does_not_end_the_doubts_of_the_found_one() -> None:
    register = started(5_000_000)
    for minute in range(1, 7):
        new_doubt = register.doubt(40_000_000, limit(minute))
        assert new_doubt is not None
        counted = register.confirm(40_000_000, limit(minute), new_doubt)
        if counted is None:
            assert register.correct(5_000_000 + 10 * minute, limit(minute).at) == 10
    assert (counted, register.value) == (0, 40_000_000)
