"""Simulate the electricity of a small all-electric home, the same every day.

A fridge cycles over a base load; a water heater runs at off-peak; cooking and lighting come in
the morning and in the evening; a producer's panels work from morning to evening. Everything
depends on the seed and the time only, so a restarted meter continues where it would have been and
its indexes never fall. Days are those of UTC+1 all year: every day has 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import pi, sin
from random import Random

from dev.simulator.tariff_calendars import OFF_PEAK, TariffCalendar

DAY_S = 86_400
DAY_MINUTES = 1440
FIRST_DAY_S = 1_735_686_000  # 2025-01-01T00:00:00+01:00, when the meters were installed
JITTER_MINUTES = 12
FRIDGE_PERIOD, FRIDGE_RUNS, FRIDGE_W = 45, 16, 110
SUNRISE, SUNSET = 8 * 60, 18 * 60  # minutes of the day
INTERVAL_MINUTES = 30  # of the load curve

LOADS = (  # watts, first minute, minutes
    (2200, 2 * 60, 165),  # water heater
    (280, 6 * 60 + 40, 80),  # lights, radio
    (1900, 7 * 60 + 5, 5),  # kettle
    (1400, 12 * 60 + 20, 18),  # lunch
    (2000, 15 * 60, 25),  # washing machine heats its water
    (330, 18 * 60 + 10, 280),  # lights, television
    (1800, 19 * 60 + 5, 42),  # oven
    (1900, 21 * 60 + 30, 15),  # dishwasher heats its water
)


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


@dataclass(frozen=True)
class HouseholdReading:
    """What a meter has measured at one moment: `registers_wh[index - 1]` counts now."""

    unix_time: int
    day: int
    minute: int
    index: int
    registers_wh: tuple[int, ...]
    injected_wh: int
    imported: DirectedPower
    injected: DirectedPower


class Household:
    """Consumption by the minute; `seed` makes one home differ from the next.

    Its panels produce at most `solar_w`.
    """

    def __init__(self, seed: int, calendar: TariffCalendar = OFF_PEAK, solar_w: int = 0) -> None:
        random = Random(seed)  # noqa: S311 - a simulation that has to repeat itself
        self._installed_wh = random.randrange(10**6, 10**7)
        self._calendar = calendar
        net = [
            load - round(solar_w * max(0.0, sin(pi * (minute - SUNRISE) / (SUNSET - SUNRISE))))
            if SUNRISE <= minute < SUNSET
            else load
            for minute, load in enumerate(_day(random))
        ]
        self._imported = _DayOfPower([max(0, watts) for watts in net])
        self._injected = _DayOfPower([max(0, -watts) for watts in net])
        numbers = range(1, len(calendar.labels) + 1)
        days = [_indexes(calendar, day) for day in range(calendar.cycle)]
        kinds = {
            day: [_register(self._imported.watts, day, one) for one in numbers] for day in days
        }
        self._registers = [[kinds[day][number - 1] for day in days] for number in numbers]
        self._injection = [list(accumulate((w / 60 for w in self._injected.watts), initial=0.0))]

    def reading(self, unix_time: int) -> HouseholdReading:
        """Return the reading at `unix_time` (s), from 2025 on."""
        day, second = divmod(unix_time - FIRST_DAY_S, DAY_S)
        minute = second // 60
        return HouseholdReading(
            unix_time=unix_time,
            day=day,
            minute=minute,
            index=self._calendar.index_at(day, minute),
            registers_wh=tuple(
                self._installed_wh + _counted_wh(register, day, second)
                for register in self._registers
            ),
            injected_wh=_counted_wh(self._injection, day, second),
            imported=self._imported.until(unix_time - second, minute),
            injected=self._injected.until(unix_time - second, minute),
        )


def _counted_wh(days: list[list[float]], day: int, second: int) -> int:
    """Return the register's Wh since the first day; `days[d][m]` is what day d counts to minute m.

    The days repeat.
    """
    cycles, today = divmod(day, len(days))
    whole_wh = cycles * sum(one[-1] for one in days) + sum(one[-1] for one in days[:today])
    minute, seconds = divmod(second, 60)
    begin_wh, end_wh = days[today][minute : minute + 2]
    return int(whole_wh + begin_wh + (end_wh - begin_wh) * seconds / 60)


class _DayOfPower:
    """The power of each minute of a day in one direction; `watts` has 1440 numbers."""

    def __init__(self, watts: list[int]) -> None:
        self.watts = watts
        self._highest = list(accumulate(watts, max))  # until and with each minute

    def until(self, midnight: int, minute: int) -> DirectedPower:
        """Return what a meter shows in this minute of the day that begins at `midnight`."""
        newest = minute - minute % INTERVAL_MINUTES
        return DirectedPower(
            self.watts[minute],
            self._peak(midnight, minute),
            self._peak(midnight - DAY_S, DAY_MINUTES - 1),
            (self._mean(midnight, newest), self._mean(midnight, newest - INTERVAL_MINUTES)),
        )

    def _peak(self, midnight: int, minute: int) -> DatedWatts:
        highest = self._highest[minute]
        return DatedWatts(highest, midnight + 60 * self.watts.index(highest))

    def _mean(self, midnight: int, end: int) -> DatedWatts:
        """Return the mean of the interval that ends at minute `end`, which may be yesterday's."""
        interval = [self.watts[at % DAY_MINUTES] for at in range(end - INTERVAL_MINUTES, end)]
        return DatedWatts(round(sum(interval) / INTERVAL_MINUTES), midnight + 60 * end)


def _day(random: Random) -> list[int]:
    """Return the mean watts of each of a day's minutes."""
    base = random.randrange(80, 160)
    phase = random.randrange(FRIDGE_PERIOD)
    watts = [
        base + FRIDGE_W * ((minute + phase) % FRIDGE_PERIOD < FRIDGE_RUNS)
        for minute in range(DAY_MINUTES)
    ]
    for load_w, begins, minutes in LOADS:
        shifted = begins + random.randint(-JITTER_MINUTES, JITTER_MINUTES)
        for minute in range(shifted, shifted + minutes):
            watts[minute] += load_w
    return [round(w * random.uniform(0.95, 1.05)) for w in watts]


def _register(watts: list[int], indexes: tuple[int, ...], number: int) -> list[float]:
    """Return one register's Wh from midnight to the begin of each minute, and to the day's end.

    `indexes` are those of the registers that count in each minute.
    """
    counted = (w / 60 if index == number else 0.0 for w, index in zip(watts, indexes, strict=True))
    return list(accumulate(counted, initial=0.0))


@cache
def _indexes(calendar: TariffCalendar, day: int) -> tuple[int, ...]:
    """Return the index of the register that counts in each minute of the day."""
    return tuple(calendar.index_at(day, minute) for minute in range(DAY_MINUTES))
