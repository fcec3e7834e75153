"""The past of a simulated home as Home Assistant's hourly statistics.

Home Assistant's own sums begin with 0 at the first state that it sees. The past lies before that:
its sums are negative and end at 0, so that nothing is counted twice or missing. A row of long ago
has the sum with which the past begins, because what Home Assistant shows is the difference of two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dev.simulator.home_day import Appliance
from dev.simulator.household import DAY_S, FIRST_DAY_S, Household
from dev.simulator.linky_payload import volt_amperes
from dev.simulator.zigbee.home_meters import HOME_METERS

HOUR_S, WH_PER_KWH = 3600, 1000
SAMPLE_S = 300
LONG_AGO = 1_577_836_800  # 2020-01-01, before any simulated home
ENERGY, POWER, APPARENT = ("energy", "Wh"), ("power", "W"), ("apparent_power", "VA")
MONEY = (None, "EUR")
Row = dict[str, object]


@dataclass(frozen=True)
class PastSeries:
    """One quantity of a meter over time: its class and unit; `value` returns it at unix s."""

    quantity: tuple[str | None, str]
    value: Callable[[int], float]

    @property
    def is_counter(self) -> bool:
        return self.quantity in (ENERGY, MONEY)

    def cost(self, price: float) -> PastSeries:
        """Return what this energy has cost, at the `price` of a kWh."""
        return PastSeries(MONEY, lambda at: self.value(at) / WH_PER_KWH * price)


def linky_series(household: Household) -> dict[str, PastSeries]:
    """Return the past of the home's Linky by the end of its entity ids."""
    registers = len(household.reading(FIRST_DAY_S).registers_wh)
    series = {
        "energy_total": PastSeries(ENERGY, lambda at: sum(household.reading(at).registers_wh)),
        "power_estimated": PastSeries(POWER, lambda at: household.reading(at).imported.watts),
        "sinsts": PastSeries(
            APPARENT, lambda at: volt_amperes(household.reading(at).imported.watts)
        ),
    }
    if household.has_solar:
        series |= {
            "eait": PastSeries(ENERGY, lambda at: household.reading(at).injected_wh),
            "sinsti": PastSeries(
                APPARENT, lambda at: volt_amperes(household.reading(at).injected.watts)
            ),
        }
    for number in range(registers):
        series[f"easf{number + 1:02d}"] = PastSeries(ENERGY, _register(household, number))
    return series


def zigbee_series(household: Household, number: int) -> tuple[PastSeries, PastSeries]:
    """Return the past of energy and power of the meter `number` of HOME_METERS."""
    one = HOME_METERS[number]
    return (
        PastSeries(ENERGY, lambda at: one.reading(household, at).energy_wh),
        PastSeries(POWER, lambda at: one.reading(household, at).watts),
    )


def wallbox_series(household: Household) -> dict[str, PastSeries]:
    """Return the past of the car's wallbox by its entity ids."""
    return {
        "sensor.wallbox_energy": PastSeries(
            ENERGY, lambda at: household.appliance(Appliance.CAR, at).energy_wh
        ),
        "sensor.wallbox_power": PastSeries(
            POWER, lambda at: household.appliance(Appliance.CAR, at).watts
        ),
    }


def _register(household: Household, number: int) -> Callable[[int], float]:
    return lambda at: household.reading(at).registers_wh[number]


def rows(series: PastSeries, begin: int, days: int, scale: float = 1.0) -> Iterator[Row]:
    """Yield a row of statistics for each full hour of the `days` before `begin` (unix s).

    `scale` turns Wh into the unit of the entity.
    """
    last = begin - begin % HOUR_S
    first = last - days * DAY_S
    if series.is_counter and days:
        yield _counted(series, begin, LONG_AGO, first, scale)
    for hour in range(first, last, HOUR_S):
        if series.is_counter:
            yield _counted(series, begin, hour, hour + HOUR_S, scale)
            continue
        samples = [series.value(at) for at in range(hour, hour + HOUR_S, SAMPLE_S)]
        mean = sum(samples) / len(samples)
        yield {"start": _iso(hour), "mean": mean, "min": min(samples), "max": max(samples)}


def _counted(series: PastSeries, begin: int, start: int, end: int, scale: float) -> Row:
    """Return the row that begins at `start`, with what is counted until `end` (unix s)."""
    state = series.value(end)
    total = state - series.value(begin)
    return {"start": _iso(start), "state": state * scale, "sum": total * scale}


def _iso(unix_time: int) -> str:
    return datetime.fromtimestamp(unix_time, UTC).isoformat()
