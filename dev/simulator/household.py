"""Simulate the electricity of a small all-electric home: what its meters show at any moment.

home_day.py says what each appliance uses and what the sun gives. Everything depends on the seed and
the time only, so a restarted meter continues where it would have been and its indexes never fall.
Energy is conserved: in each minute import - export = consumption - production, in whole watts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import groupby

from dev.simulator.home_day import DAY_MINUTES, KEPT_DAYS, Appliance, home_day
from dev.simulator.household_pace import HouseholdPace
from dev.simulator.tariff_calendars import OFF_PEAK, TariffCalendar

DAY_S = 86_400
FIRST_DAY_S = 1_766_790_000  # 2025-12-27T00:00:00+01:00, when the meters were installed
INTERVAL_MINUTES = 30  # of the load curve
WS_PER_WH = 3600
KEPT_HOMES = 16  # in one process


@dataclass(frozen=True)
class DatedWatts:
    """A power, and the moment it belongs to (unix s)."""

    watts: int
    unix_time: int


@dataclass(frozen=True)
class DirectedPower:
    """The power in one direction: now, the highest of two days, the mean of two intervals."""

    watts: int
    today: DatedWatts
    yesterday: DatedWatts
    intervals: tuple[DatedWatts, DatedWatts]  # the newest first, each with its end

    def at_pace(self, pace: HouseholdPace) -> DirectedPower:
        """Return the same with our times instead of the household's."""

        def ours(one: DatedWatts) -> DatedWatts:
            return replace(one, unix_time=pace.our_time(one.unix_time))

        newest, before = self.intervals
        intervals = ours(newest), ours(before)
        return DirectedPower(self.watts, ours(self.today), ours(self.yesterday), intervals)


@dataclass(frozen=True)
class HouseholdReading:
    """What a meter has measured at one moment: `registers_wh[index - 1]` counts now.

    `unix_time` is ours; `day` and `minute` are the household's.
    """

    unix_time: int
    day: int
    minute: int
    index: int
    registers_wh: tuple[int, ...]
    injected_wh: int
    imported: DirectedPower
    injected: DirectedPower


@dataclass(frozen=True)
class LoadReading:
    """What the meter of one appliance, or of the panels, has measured."""

    watts: int
    energy_wh: int


class Household:
    """A home by the minute; `seed` makes one home differ from the next.

    Its panels produce at most `solar_w`.
    """

    def __init__(
        self,
        seed: int,
        calendar: TariffCalendar = OFF_PEAK,
        solar_w: int = 0,
        pace: HouseholdPace | None = None,
    ) -> None:
        self._seed = seed
        self._calendar = calendar
        self._solar_w = solar_w
        self._pace = pace or HouseholdPace()
        self._installed_wh = 10**6 + seed * 7919 % (9 * 10**6)
        self._days = partial(_day_of_power, seed, solar_w)
        self._registers = _registers(seed, solar_w, calendar)
        self._loads = _loads(seed, solar_w)

    @property
    def has_solar(self) -> bool:
        return self._solar_w > 0

    def reading(self, unix_time: int) -> HouseholdReading:
        """Return the reading at `unix_time` (s), from 2026 on."""
        day, second = divmod(self._pace.household_time(unix_time) - FIRST_DAY_S, DAY_S)
        minute, midnight = second // 60, FIRST_DAY_S + day * DAY_S
        *registers, injected_wh = self._counted_wh(self._registers, unix_time)
        today, before = self._days(day), self._days(day - 1)
        imported = _directed(today.imported, before.imported, midnight, minute)
        injected = _directed(today.injected, before.injected, midnight, minute)
        return HouseholdReading(
            unix_time=unix_time,
            day=day,
            minute=minute,
            index=self._calendar.index_at(day, minute),
            registers_wh=tuple(self._installed_wh + wh for wh in registers),
            injected_wh=injected_wh,
            imported=imported.at_pace(self._pace),
            injected=injected.at_pace(self._pace),
        )

    def appliance(self, appliance: Appliance, unix_time: int) -> LoadReading:
        """Return what a meter of this appliance shows at `unix_time` (s)."""
        day, minute = self._minute(unix_time)
        energy_wh = self._counted_wh(self._loads, unix_time)[list(Appliance).index(appliance)]
        return LoadReading(home_day(self._seed, day).loads[appliance][minute], energy_wh)

    def solar(self, unix_time: int) -> LoadReading:
        """Return what a meter of the panels shows at `unix_time` (s)."""
        day, minute = self._minute(unix_time)
        energy_wh = self._counted_wh(self._loads, unix_time)[-1]
        return LoadReading(self._days(day).solar[minute], energy_wh)

    def consumption(self, unix_time: int) -> LoadReading:
        """Return what all appliances use."""
        day, minute = self._minute(unix_time)
        *loads, _solar = self._counted_wh(self._loads, unix_time)
        return LoadReading(home_day(self._seed, day).total[minute], sum(loads))

    def mean_watts(self, household_time: int, minutes: int) -> tuple[int, int]:
        """Return the mean power used and made from `household_time` (unix s) on, within its day."""
        day, second = divmod(household_time - FIRST_DAY_S, DAY_S)
        span = slice(second // 60, second // 60 + minutes)
        used, made = home_day(self._seed, day).total[span], self._days(day).solar[span]
        return round(sum(used) / len(used)), round(sum(made) / len(made))

    def _minute(self, unix_time: int) -> tuple[int, int]:
        day, second = divmod(self._pace.household_time(unix_time) - FIRST_DAY_S, DAY_S)
        return day, second // 60

    def _counted_wh(self, counters: _Counters, unix_time: int) -> list[int]:
        """Return each counter's Wh: what flowed in our time at the household's power."""
        pace, begin = self._pace, min(self._pace.begin, unix_time)
        now_ws = counters.watt_seconds(pace.household_time(unix_time))
        if pace.speed == 1 or begin == unix_time:
            return [ws // WS_PER_WH for ws in now_ws]
        begin_ws = counters.watt_seconds(begin)
        pairs = zip(begin_ws, now_ws, strict=True)
        return [(first + (now - first) // pace.speed) // WS_PER_WH for first, now in pairs]


class _Counters:
    """Counters since the first day; `counted` returns a day's watt minutes until a minute."""

    def __init__(self, counted: Callable[[int, int], list[int]]) -> None:
        self._counted = counted
        self._before = [[0] * len(counted(0, 0))]  # by day

    def watt_seconds(self, unix_time: int) -> list[int]:
        """Return what each has counted at the household's `unix_time`."""
        day, second = divmod(unix_time - FIRST_DAY_S, DAY_S)
        if day < 0:  # this machine's clock is wrong
            return [0] * len(self._before[0])
        minute, seconds = divmod(second, 60)
        while len(self._before) <= day:
            last = len(self._before) - 1
            self._before.append(_sums(self._before[last], self._counted(last, DAY_MINUTES)))
        today, later = self._counted(day, minute), self._counted(day, minute + 1)
        return [
            60 * before + 60 * now + (after - now) * seconds
            for before, now, after in zip(self._before[day], today, later, strict=True)
        ]


def _sums(left: list[int], right: list[int]) -> list[int]:
    return [one + other for one, other in zip(left, right, strict=True)]


@lru_cache(KEPT_HOMES)
def _registers(seed: int, solar_w: int, calendar: TariffCalendar) -> _Counters:
    """Return the counters of a home's registers; the last one is that of the injection."""

    def counted(day: int, minute: int) -> list[int]:
        power = _day_of_power(seed, solar_w, day)
        sums = [0] * (len(calendar.labels) + 1)
        for begin, end, index in _spans(calendar, day % calendar.cycle):
            sums[index - 1] += sum(power.imported[begin : min(end, minute)])
        sums[-1] = sum(power.injected[:minute])
        return sums

    return _Counters(counted)


@lru_cache(KEPT_HOMES)
def _loads(seed: int, solar_w: int) -> _Counters:
    """Return the counters of a home's appliances; the last one is that of the panels."""

    def counted(day: int, minute: int) -> list[int]:
        loads = home_day(seed, day).loads
        solar = _day_of_power(seed, solar_w, day).solar
        return [*(sum(loads[one][:minute]) for one in Appliance), sum(solar[:minute])]

    return _Counters(counted)


@dataclass(frozen=True)
class _DayOfPower:
    """Watts of each minute of a day: what the panels make, from the grid, into it."""

    solar: list[int]
    imported: list[int]
    injected: list[int]


@lru_cache(KEPT_DAYS)
def _day_of_power(seed: int, solar_w: int, day: int) -> _DayOfPower:
    home = home_day(seed, day)
    if not solar_w:
        nothing = [0] * DAY_MINUTES
        return _DayOfPower(nothing, home.total, nothing)
    solar = [round(solar_w * share) for share in home.solar_share]
    net = [load - made for load, made in zip(home.total, solar, strict=True)]
    imported = [watts if watts > 0 else 0 for watts in net]
    return _DayOfPower(solar, imported, [-watts if watts < 0 else 0 for watts in net])


def _directed(today: list[int], yesterday: list[int], midnight: int, minute: int) -> DirectedPower:
    """Return what a meter shows in this minute of the day that begins at `midnight`."""
    newest = minute - minute % INTERVAL_MINUTES
    both = yesterday + today

    def mean(end: int) -> DatedWatts:
        last = DAY_MINUTES + end
        watts = sum(both[last - INTERVAL_MINUTES : last]) / INTERVAL_MINUTES
        return DatedWatts(round(watts), midnight + 60 * end)

    return DirectedPower(
        today[minute],
        _peak(today[: minute + 1], midnight),
        _peak(yesterday, midnight - DAY_S),
        (mean(newest), mean(newest - INTERVAL_MINUTES)),
    )


def _peak(watts: list[int], midnight: int) -> DatedWatts:
    highest = max(watts)
    return DatedWatts(highest, midnight + 60 * watts.index(highest))


@cache
def _spans(calendar: TariffCalendar, day: int) -> tuple[tuple[int, int, int], ...]:
    """Return begin, end (minutes) and register of each tariff period of a day of the cycle."""
    return tuple(_periods(calendar, day))


def _periods(calendar: TariffCalendar, day: int) -> Iterator[tuple[int, int, int]]:
    minutes = groupby(range(DAY_MINUTES), lambda minute: calendar.index_at(day, minute))
    for index, group in minutes:
        span = list(group)
        yield span[0], span[-1] + 1, index
