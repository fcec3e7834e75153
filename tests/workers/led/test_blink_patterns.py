import math

import pytest

from hems.workers.led.blink_patterns import (
    DOUBLE_BLINK,
    FAST_BLINK,
    FOUR_BLINKS,
    OFF,
    SOLID,
    Pattern,
    play,
)


def flips(pattern: Pattern, began: float, seconds: float) -> list[float]:
    """Return when, after its begin, the pattern's light changes."""
    playing, times = play(pattern, began), []
    while playing.until < began + seconds:
        times.append(round(playing.until - began, 6))
        was_lit, playing = playing.is_lit, playing.at(playing.until)
        assert playing.is_lit is not was_lit
    return times


@pytest.mark.parametrize(("pattern", "is_lit"), [(SOLID, True), (OFF, False)])
def test_a_steady_light_never_changes(pattern: Pattern, is_lit: bool) -> None:
    playing = play(pattern, 1000.0)
    assert playing.until == math.inf
    assert playing.at(1e9).is_lit is is_lit


@pytest.mark.parametrize("began", [0.0, 12345.678, 1e7 + 1 / 3])
def test_a_double_blink_is_two_flashes_and_a_pause(began: float) -> None:
    assert play(DOUBLE_BLINK, began).is_lit
    expected = [0.15, 0.4, 0.55, 1.8, 1.95, 2.2, 2.35, 3.6]
    assert flips(DOUBLE_BLINK, began, 3.7) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("began", [0.0, 12345.678, 1e7 + 1 / 3])
def test_four_blinks_are_four_flashes_and_a_pause(began: float) -> None:
    assert play(FOUR_BLINKS, began).is_lit
    expected = [0.15, 0.4, 0.55, 0.8, 0.95, 1.2, 1.35, 2.6, 2.75]
    assert flips(FOUR_BLINKS, began, 2.8) == pytest.approx(expected, abs=1e-6)


def test_a_fast_blink_is_four_flashes_a_second_without_a_pause() -> None:
    assert flips(FAST_BLINK, 7.0, 1.1) == [0.125 * n for n in range(1, 9)]


def test_the_pauses_tell_the_blinks_apart() -> None:
    assert DOUBLE_BLINK.seconds[-1] == FOUR_BLINKS.seconds[-1] > 3 * DOUBLE_BLINK.seconds[1]


@pytest.mark.parametrize("pattern", [DOUBLE_BLINK, FOUR_BLINKS, FAST_BLINK])
def test_an_hour_of_blinking_keeps_its_time(pattern: Pattern) -> None:
    playing = play(pattern, 5000.3)
    periods = 0
    while playing.until < 5000.3 + 3600:
        playing = playing.at(playing.until)
        periods += playing.step == 0
    assert periods == pytest.approx(3600 / pattern.period_s, abs=1)


def test_a_late_call_returns_the_step_that_is_due() -> None:
    playing = play(DOUBLE_BLINK, 0.0).at(0.5)
    assert (playing.step, playing.is_lit) == (2, True)
    assert playing.until == pytest.approx(0.55)


def test_after_every_pause_of_more_than_a_period_the_pattern_starts_again() -> None:
    playing = play(FAST_BLINK, 0.0)
    for now in (86400.1, 2 * 86400.3):
        playing = playing.at(now)
        assert playing == play(FAST_BLINK, now)
        playing = playing.at(playing.until)
        assert playing.step == 1
        assert playing.until == pytest.approx(now + 0.25)


def test_a_pause_of_just_a_period_skips_steps_and_keeps_the_time() -> None:
    playing = play(FAST_BLINK, 0.0)
    late = playing.until + FAST_BLINK.period_s
    assert (playing.at(late).step, playing.at(late).until) == (1, 0.5)
    assert playing.at(late + 0.001) == play(FAST_BLINK, late + 0.001)


def test_before_its_time_nothing_changes() -> None:
    playing = play(DOUBLE_BLINK, 0.0)
    assert playing.at(0.149) == playing
