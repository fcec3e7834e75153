from itertools import pairwise

import pytest

from hems.desk.household import DAY_S, FIRST_DAY_S, Household

DAY = FIRST_DAY_S + 100 * DAY_S
HOUR_S = 3600


def test_the_same_seed_gives_the_same_home() -> None:
    assert Household(1).reading(DAY + 12345) == Household(1).reading(DAY + 12345)


def test_another_seed_gives_another_home() -> None:
    assert Household(1).reading(DAY) != Household(2).reading(DAY)


def test_indexes_never_fall_whatever_the_step() -> None:
    home = Household(3)
    readings = [home.reading(DAY + step * 37) for step in range(3 * DAY_S // 37)]
    for earlier, later in pairwise(readings):
        assert later.off_peak_wh >= earlier.off_peak_wh
        assert later.peak_wh >= earlier.peak_wh


def test_a_day_costs_what_a_home_uses() -> None:
    home = Household(4)
    first, last = home.reading(DAY), home.reading(DAY + DAY_S)
    used_wh = last.off_peak_wh + last.peak_wh - first.off_peak_wh - first.peak_wh
    assert 8_000 < used_wh < 25_000


@pytest.mark.parametrize(
    ("hour", "is_off_peak"), [(0, True), (5.99, True), (6, False), (21.99, False), (22, True)]
)
def test_off_peak_is_at_night(hour: float, is_off_peak: bool) -> None:
    assert Household(5).reading(DAY + int(hour * HOUR_S)).is_off_peak == is_off_peak


def test_only_the_current_tariffs_index_grows() -> None:
    home = Household(6)
    night, later = home.reading(DAY + 2 * HOUR_S), home.reading(DAY + 4 * HOUR_S)
    assert later.peak_wh == night.peak_wh
    assert later.off_peak_wh > night.off_peak_wh + 1000  # the water heater


def test_the_index_is_the_integral_of_the_power() -> None:
    home = Household(7)
    hour = sum(home.reading(DAY + 8 * HOUR_S + 60 * m).watts / 60 for m in range(60))
    grown = home.reading(DAY + 9 * HOUR_S).peak_wh - home.reading(DAY + 8 * HOUR_S).peak_wh
    assert grown == pytest.approx(hour, abs=1)


def test_the_days_maximum_grows_with_the_day_and_becomes_yesterdays() -> None:
    home = Household(8)
    morning, night = home.reading(DAY + HOUR_S), home.reading(DAY + DAY_S - 1)
    assert morning.today.watts < night.today.watts
    assert home.reading(DAY + DAY_S).yesterday == night.today
