from itertools import pairwise

import pytest

from dev.simulator.household import DAY_S, FIRST_DAY_S, Household
from dev.simulator.tariff_calendars import BASE, EJP, OFF_PEAK, TEMPO, TariffCalendar

DAY = FIRST_DAY_S + 100 * DAY_S
HOUR_S = 3600
CALENDARS = (BASE, OFF_PEAK, TEMPO, EJP)


def test_the_same_seed_gives_the_same_home() -> None:
    assert Household(1).reading(DAY + 12345) == Household(1).reading(DAY + 12345)


def test_another_seed_gives_another_home() -> None:
    assert Household(1).reading(DAY) != Household(2).reading(DAY)


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.optarif)
def test_indexes_never_fall_and_only_the_current_one_grows(calendar: TariffCalendar) -> None:
    home = Household(3, calendar)
    readings = [home.reading(DAY + step * 1800) for step in range(25 * DAY_S // 1800)]
    for earlier, later in pairwise(readings):
        grown = [b - a for a, b in zip(earlier.registers_wh, later.registers_wh, strict=True)]
        assert min(grown) >= 0
        assert {n for n, wh in enumerate(grown, 1) if wh > 1} <= {earlier.index, later.index}


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.optarif)
def test_every_register_counts_within_a_cycle(calendar: TariffCalendar) -> None:
    home = Household(3, calendar)
    first, last = home.reading(DAY), home.reading(DAY + calendar.cycle * DAY_S)
    pairs = zip(first.registers_wh, last.registers_wh, strict=True)
    assert all(later > earlier for earlier, later in pairs)


def test_a_day_costs_what_a_home_uses() -> None:
    home = Household(4)
    first, last = home.reading(DAY), home.reading(DAY + DAY_S)
    used_wh = sum(last.registers_wh) - sum(first.registers_wh)
    assert 8_000 < used_wh < 25_000


@pytest.mark.parametrize(("hour", "index"), [(0, 1), (5.99, 1), (6, 2), (21.99, 2), (22, 1)])
def test_off_peak_is_at_night(hour: float, index: int) -> None:
    assert Household(5).reading(DAY + int(hour * HOUR_S)).index == index


def test_a_tempo_day_begins_at_six() -> None:
    home = Household(5, TEMPO)
    red = FIRST_DAY_S + 109 * DAY_S
    hours = (5.99, 6, 21.99, 22, 24, 29.99, 30)
    indexes = [home.reading(red + int(hour * HOUR_S)).index for hour in hours]
    assert indexes == [3, 6, 6, 5, 5, 5, 2]


def test_an_ejp_peak_ends_in_the_night() -> None:
    home = Household(5, EJP)
    peak = FIRST_DAY_S + 109 * DAY_S
    indexes = [home.reading(peak + int(hour * HOUR_S)).index for hour in (6.99, 7, 24.99, 25)]
    assert indexes == [1, 2, 2, 1]


def test_the_index_is_the_integral_of_the_power() -> None:
    home = Household(7)
    hour = sum(home.reading(DAY + 8 * HOUR_S + 60 * m).imported.watts / 60 for m in range(60))
    first, last = home.reading(DAY + 8 * HOUR_S), home.reading(DAY + 9 * HOUR_S)
    assert last.registers_wh[1] - first.registers_wh[1] == pytest.approx(hour, abs=1)


def test_panels_export_at_noon_and_the_grid_serves_the_night() -> None:
    home = Household(7, BASE, solar_w=3200)
    noon, night = home.reading(DAY + 13 * HOUR_S), home.reading(DAY + 2 * HOUR_S)
    assert (noon.imported.watts, night.injected.watts) == (0, 0)
    assert noon.injected.watts > 1000
    assert home.reading(DAY + DAY_S).injected_wh > home.reading(DAY).injected_wh
    assert Household(7).reading(DAY + 13 * HOUR_S).injected_wh == 0


def test_the_days_maximum_grows_with_the_day_and_becomes_yesterdays() -> None:
    home = Household(8)
    morning, night = home.reading(DAY + HOUR_S), home.reading(DAY + DAY_S - 1)
    assert morning.imported.today.watts < night.imported.today.watts
    assert home.reading(DAY + DAY_S).imported.yesterday == night.imported.today


def test_the_load_curve_has_the_mean_of_the_last_two_half_hours() -> None:
    home = Household(9)
    newest, before = home.reading(DAY + 700).imported.intervals
    assert (newest.unix_time, before.unix_time) == (DAY, DAY - 1800)
    first, last = home.reading(DAY - 1800), home.reading(DAY)
    used_wh = sum(last.registers_wh) - sum(first.registers_wh)
    assert newest.watts == pytest.approx(2 * used_wh, abs=3)
