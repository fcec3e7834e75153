"""One day of a simulated all-electric home: the power of each appliance and of the panels.

The weather follows the season and is the same for all homes. A day depends on its number and the
home's seed only. Days are those of UTC+1 all year, so every day has 24 hours; number 0 begins at
household.FIRST_DAY_S.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from math import cos, pi, sin
from operator import add
from random import Random
from typing import NamedTuple

DAY_MINUTES = 1440
JITTER_MINUTES = 12
FRIDGE_PERIOD, FRIDGE_RUNS, FRIDGE_W = 45, 16, 110
HALF_HOUR, CLOUD_MINUTES = 30, 15
KEPT_DAYS = 8  # of all homes in this process


class Appliance(Enum):
    """What uses electricity in a home; the value is its name for people."""

    STANDBY = "Standby"
    FRIDGE = "Fridge"
    LIGHTS = "Lights"
    COOKING = "Cooking"
    WATER_HEATER = "Water heater"
    WASHING_MACHINE = "Washing machine"
    TELEVISION = "Television"
    HEAT_PUMP = "Heat pump"
    CAR = "Car"


class ApplianceUse(NamedTuple):
    """What an appliance uses on `days` of the week from about `minute` on; it ends by midnight."""

    appliance: Appliance
    watts: int
    minute: int
    minutes: int
    days: Container[int] = range(7)


USES = (
    ApplianceUse(Appliance.CAR, 3600, 25, 125, (0, 2, 4, 6)),  # off-peak, before the water heater
    ApplianceUse(Appliance.WATER_HEATER, 2200, 2 * 60 + 50, 140),
    ApplianceUse(Appliance.LIGHTS, 180, 6 * 60 + 40, 80),
    ApplianceUse(Appliance.COOKING, 1900, 7 * 60 + 5, 5),  # kettle
    ApplianceUse(Appliance.COOKING, 1400, 12 * 60 + 20, 18),  # lunch
    ApplianceUse(Appliance.WASHING_MACHINE, 2000, 15 * 60, 25, (0, 2, 5)),  # it heats its water,
    ApplianceUse(Appliance.WASHING_MACHINE, 250, 15 * 60 + 45, 70, (0, 2, 5)),  # and then turns
    ApplianceUse(Appliance.LIGHTS, 210, 18 * 60 + 10, 280),
    ApplianceUse(Appliance.COOKING, 1800, 19 * 60 + 5, 42),  # oven
    ApplianceUse(Appliance.TELEVISION, 120, 20 * 60, 150),
    ApplianceUse(Appliance.COOKING, 1900, 21 * 60, 15),  # the dishwasher heats its water
)

YEAR_DAYS, COLDEST_DAY, SHORTEST_DAY = 365, 25, 360
MEAN_C, SEASON_C, DAY_SWING_C, WEATHER_C = 11.5, 8.5, 3.0, 2.0
HEATED_BELOW_C, FULL_POWER_C = 16.0, -8.0
HEAT_PUMP_W = 1200
NOON = 13 * 60  # the minute at which the sun is highest
HALF_DAY_MIN, HALF_DAY_SWING_MIN = 370, 120
WINTER_SUN, SUMMER_SUN = 0.4, 0.95  # of the panels' power, under a clear sky
DARKEST = 0.15  # of the sun's power, under clouds


@dataclass(frozen=True)
class HomeDay:
    """Watts of each minute: what each appliance uses, and all of them; what panels of 1 kW make."""

    loads: dict[Appliance, list[int]]
    total: list[int]
    solar_share: list[float] = field(repr=False)


def temperature_c(day: int, minute: int) -> float:
    """Return the temperature outside."""
    season = MEAN_C - SEASON_C * cos(2 * pi * (day - COLDEST_DAY) / YEAR_DAYS)
    return season + _deviation_c(day) + DAY_SWING_C * sin(2 * pi * (minute - 9 * 60) / DAY_MINUTES)


@lru_cache(KEPT_DAYS)
def home_day(seed: int, day: int) -> HomeDay:
    """Return day number `day` of the home `seed`."""
    random = Random(seed * 100_003 + day)  # noqa: S311 - a simulation that has to repeat itself
    loads = {one: [0] * DAY_MINUTES for one in Appliance}
    loads[Appliance.STANDBY] = _standby(seed, day)
    loads[Appliance.FRIDGE] = _fridge(seed)
    loads[Appliance.HEAT_PUMP] = _heat_pump(day)
    total = list(map(add, loads[Appliance.STANDBY], loads[Appliance.FRIDGE]))
    total = list(map(add, total, loads[Appliance.HEAT_PUMP]))
    for use in USES:
        begin = use.minute + random.randint(-JITTER_MINUTES, JITTER_MINUTES)
        watts = use.watts + random.randint(-20, 20)
        if day % 7 in use.days:
            part = slice(begin, begin + use.minutes)
            for powers in (loads[use.appliance], total):
                powers[part] = [one + watts for one in powers[part]]
    return HomeDay(loads, total, _solar_share(day))


@lru_cache(KEPT_DAYS)
def _noise(seed: int) -> list[int]:
    random = Random(seed)  # noqa: S311 - as above
    base = random.randrange(80, 160)
    return [base + random.randint(-8, 8) for _ in range(DAY_MINUTES)]


def _standby(seed: int, day: int) -> list[int]:
    noise, shift = _noise(seed), day * 577 % DAY_MINUTES
    return noise[shift:] + noise[:shift]


@lru_cache(KEPT_DAYS)
def _fridge(seed: int) -> list[int]:
    phase = seed % FRIDGE_PERIOD
    cycle = [FRIDGE_W * ((minute + phase) % FRIDGE_PERIOD < FRIDGE_RUNS) for minute in range(45)]
    return cycle * (DAY_MINUTES // FRIDGE_PERIOD)


def _heat_pump(day: int) -> list[int]:
    """Return its power: in each half hour it runs for as long as the cold asks."""
    watts: list[int] = []
    for begin in range(0, DAY_MINUTES, HALF_HOUR):
        cold = (HEATED_BELOW_C - temperature_c(day, begin)) / (HEATED_BELOW_C - FULL_POWER_C)
        runs = round(HALF_HOUR * min(1.0, max(0.0, cold)))
        watts += [HEAT_PUMP_W] * runs + [0] * (HALF_HOUR - runs)
    return watts


def _solar_share(day: int) -> list[float]:
    """Return how much of their power panels make in each minute, 0 to 1."""
    random = Random(day)  # noqa: S311 - as above
    summer = (1 - cos(2 * pi * (day - SHORTEST_DAY) / YEAR_DAYS)) / 2
    half_day = HALF_DAY_MIN + HALF_DAY_SWING_MIN * (2 * summer - 1)
    clear = _clear_sky(CLOUD_MINUTES * round(half_day / CLOUD_MINUTES))
    height = WINTER_SUN + (SUMMER_SUN - WINTER_SUN) * summer
    cloudiness = random.random()
    share: list[float] = []
    for begin in range(0, DAY_MINUTES, CLOUD_MINUTES):
        sky = height * (1 - (1 - DARKEST) * cloudiness * random.random())
        share += [sky * one for one in clear[begin : begin + CLOUD_MINUTES]]
    return share


@lru_cache(DAY_MINUTES // CLOUD_MINUTES)
def _clear_sky(half_day: int) -> list[float]:
    """Return the sun's height in each minute of a day with twice `half_day` minutes of light."""
    share = [0.0] * DAY_MINUTES
    for minute in range(NOON - half_day, NOON + half_day):
        share[minute] = sin(pi * (minute - NOON + half_day) / (2 * half_day))
    return share


@lru_cache(KEPT_DAYS)
def _deviation_c(day: int) -> float:
    return Random(-day).gauss(0, WEATHER_C)  # noqa: S311 - as above
