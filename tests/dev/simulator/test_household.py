from itertools import pairwise

import pytest

from dev.simulator.home_day import Appliance, home_day
from dev.simulator.household import DAY_S, FIRST_DAY_S, Household
from dev.simulator.household_pace import HouseholdPace
from dev.simulator.linky_payload import POWER_FACTOR, REFERENCE_KVA
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
    assert 8_000 < used_wh < 40_000


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
    noons = [home.reading(DAY + day * DAY_S + 13 * HOUR_S) for day in range(10)]
    noon, night = max(noons, key=lambda one: one.injected.watts), home.reading(DAY + 2 * HOUR_S)
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


@pytest.mark.parametrize("speed", [1, 60])
def test_energy_is_conserved(speed: int) -> None:
    """What comes from the grid, less what goes into it, is what is used, less what is made."""
    home = Household(11, TEMPO, 3200, HouseholdPace(DAY, speed))
    readings = [home.reading(DAY + step * 600) for step in range(290)]
    rounding_wh = len(Appliance) + len(TEMPO.labels) + 2
    first = readings[0]
    begin_wh = home.consumption(DAY).energy_wh - home.solar(DAY).energy_wh
    for one in readings:
        now = one.unix_time
        used, made = home.consumption(now), home.solar(now)
        assert one.imported.watts - one.injected.watts == used.watts - made.watts
        grid_wh = sum(one.registers_wh) - sum(first.registers_wh)
        grid_wh -= one.injected_wh - first.injected_wh
        assert grid_wh == pytest.approx(used.energy_wh - made.energy_wh - begin_wh, abs=rounding_wh)


def test_the_appliances_are_all_that_is_used() -> None:
    home = Household(12)
    for minute in range(0, 1440, 7):
        now = DAY + 60 * minute
        watts = [home.appliance(one, now).watts for one in Appliance]
        assert sum(watts) == home.consumption(now).watts == home.reading(now).imported.watts


def test_winter_is_heated_and_summer_is_not() -> None:
    home = Household(12)
    used_wh = []
    for day in (30, 200):
        begin = FIRST_DAY_S + day * DAY_S
        first, last = (home.appliance(Appliance.HEAT_PUMP, at) for at in (begin, begin + DAY_S))
        used_wh.append(last.energy_wh - first.energy_wh)
    assert used_wh[0] > 8000
    assert used_wh[1] < 1000


def test_the_car_charges_at_night_in_the_cheap_hours() -> None:
    home = Household(13)
    charging = [
        now
        for now in range(DAY, DAY + 7 * DAY_S, 600)
        if home.appliance(Appliance.CAR, now).watts > 1000
    ]
    assert len(charging) > 30
    assert {home.reading(now).index for now in charging} == {1}


def test_a_home_stays_below_its_subscription() -> None:
    for day in range(0, 365, 5):
        assert max(home_day(1, day).total) / POWER_FACTOR < 1000 * REFERENCE_KVA


def test_a_faster_household_has_the_hours_of_its_own_clock_and_counts_in_ours() -> None:
    home, fast = Household(14), Household(14, pace=HouseholdPace(DAY, 60))
    assert fast.reading(DAY - 5000) == home.reading(DAY - 5000)
    ours, theirs = fast.reading(DAY + 600), home.reading(DAY + 600 * 60)
    assert (ours.minute, ours.index, ours.imported.watts) == (600, 2, theirs.imported.watts)
    used_wh = sum(theirs.registers_wh) - sum(home.reading(DAY).registers_wh)
    counted_wh = sum(ours.registers_wh) - sum(fast.reading(DAY).registers_wh)
    assert counted_wh == pytest.approx(used_wh / 60, abs=2)
    assert DAY <= ours.imported.today.unix_time <= ours.unix_time
