"""A plausible day of electricity in a small all-electric home, the same every day.

A fridge that cycles over a base load, a water heater at off-peak, cooking and lighting
in the morning and in the evening. Everything follows from the seed and the time, so a
restarted meter goes on where it would have been and its indexes never fall.

Off-peak is 22:00 to 06:00 in UTC+1 all year: every day has 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

DAY_S = 86_400
DAY_MINUTES = 1440
FIRST_DAY_S = 1_735_686_000  # 2025-01-01T00:00:00+01:00, when the meters were installed
OFF_PEAK_ENDS, OFF_PEAK_BEGINS = 6 * 60, 22 * 60  # minutes of the day
JITTER_MINUTES = 12
FRIDGE_PERIOD, FRIDGE_RUNS, FRIDGE_W = 45, 16, 110

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
class Peak:
    """The highest power of a day and the minute in which it was first reached."""

    watts: int
    unix_time: int


@dataclass(frozen=True)
class Reading:
    """What the meter measures at one moment, single-phase."""

    unix_time: int
    watts: int
    off_peak_wh: int
    peak_wh: int
    is_off_peak: bool
    today: Peak
    yesterday: Peak


class Household:
    """Consumption by the minute; `seed` makes one home differ from the next."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)  # noqa: S311 - a simulation, and it shall repeat itself
        self._installed_wh = random.randrange(10**6, 10**7)
        self._watts = _day(random)
        self._off_peak = _register(self._watts, is_off_peak=True)
        self._peak = _register(self._watts, is_off_peak=False)

    def reading(self, unix_time: int) -> Reading:
        """Return the reading at `unix_time` (s), from 2025 on."""
        second = (unix_time - FIRST_DAY_S) % DAY_S
        minute = second // 60
        midnight = unix_time - second
        return Reading(
            unix_time=unix_time,
            watts=self._watts[minute],
            off_peak_wh=self._energy_wh(self._off_peak, unix_time),
            peak_wh=self._energy_wh(self._peak, unix_time),
            is_off_peak=_is_off_peak(minute),
            today=self._highest(midnight, minute + 1),
            yesterday=self._highest(midnight - DAY_S, DAY_MINUTES),
        )

    def _energy_wh(self, register: list[float], unix_time: int) -> int:
        """Return the register's index; `register[m]` is its Wh from midnight to minute m."""
        days, second = divmod(unix_time - FIRST_DAY_S, DAY_S)
        minute, seconds = divmod(second, 60)
        this_minute = (register[minute + 1] - register[minute]) * seconds / 60
        return int(self._installed_wh + days * register[-1] + register[minute] + this_minute)

    def _highest(self, midnight: int, minutes: int) -> Peak:
        highest = max(self._watts[:minutes])
        return Peak(highest, midnight + 60 * self._watts.index(highest))


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


def _register(watts: list[int], *, is_off_peak: bool) -> list[float]:
    """Return one tariff's Wh from midnight to the begin of each minute, and to the day's end."""
    counted = (w / 60 * (_is_off_peak(m) == is_off_peak) for m, w in enumerate(watts))
    return list(accumulate(counted, initial=0.0))


def _is_off_peak(minute: int) -> bool:
    return not OFF_PEAK_ENDS <= minute < OFF_PEAK_BEGINS
