from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from dev.simulator import past_statistics
from dev.simulator.household import Household
from dev.simulator.household_pace import HouseholdPace
from dev.simulator.tariff_calendars import TEMPO

BEGIN = int(datetime.fromisoformat("2026-03-02T12:34:56+01:00").timestamp())
HOME = Household(21, TEMPO, 3200, HouseholdPace(BEGIN, 60))


def past(name: str, days: int = 2) -> list[dict[str, Any]]:
    return [*past_statistics.rows(past_statistics.linky_series(HOME)[name], BEGIN, days)]


def test_the_past_has_every_full_hour_before_the_beginning() -> None:
    rows = past("energy_total")
    assert len(rows) == 1 + 48
    assert rows[-1]["start"] == "2026-03-02T10:00:00+00:00"
    assert rows[1]["start"] == "2026-02-28T11:00:00+00:00"
    assert past("energy_total", days=0) == []


def test_the_sums_of_the_past_end_where_home_assistants_own_begin() -> None:
    rows = past("energy_total")
    now = sum(HOME.reading(BEGIN).registers_wh)
    for row in rows:
        assert row["state"] - row["sum"] == now
    assert all(later["sum"] >= earlier["sum"] for earlier, later in pairwise(rows))
    assert -1500 < rows[-1]["sum"] <= 0


def test_the_first_hour_of_the_past_counts_only_what_it_used() -> None:
    before, first, *_ = past("energy_total")
    hour = int(datetime.fromisoformat(first["start"]).timestamp())
    used = [sum(HOME.reading(at).registers_wh) for at in (hour, hour + 3600)]
    assert first["sum"] - before["sum"] == used[1] - used[0]
    assert before["start"] == "2020-01-01T00:00:00+00:00"


def test_the_registers_of_the_past_add_up_to_the_total() -> None:
    names = [name for name in past_statistics.linky_series(HOME) if name.startswith("easf")]
    assert len(names) == 6
    total = past("energy_total")
    parts = [past(name) for name in names]
    for number, row in enumerate(total):
        assert sum(part[number]["sum"] for part in parts) == row["sum"]


def test_a_power_has_mean_lowest_and_highest() -> None:
    rows = past("sinsts")
    assert all(row["min"] <= row["mean"] <= row["max"] for row in rows)
    assert max(row["max"] for row in rows) > 1000


def test_zigbee_counts_kwh() -> None:
    energy, power = past_statistics.zigbee_series(HOME, 0)
    last = [*past_statistics.rows(energy, BEGIN, 1, 0.001)][-1]
    assert last["state"] == pytest.approx(HOME.solar(BEGIN).energy_wh / 1000, abs=3)
    highest: Any = [*past_statistics.rows(power, BEGIN, 1)][-1]["max"]
    assert highest <= 3200


def test_a_cost_follows_its_register() -> None:
    register = past_statistics.linky_series(HOME)["easf01"]
    rows = [*past_statistics.rows(register.cost(0.25), BEGIN, 2)]
    assert len(rows) == 1 + 48
    for row, counted in zip(rows, past("easf01"), strict=True):
        assert row["state"] == pytest.approx(counted["state"] * 0.00025)
        assert row["sum"] == pytest.approx(counted["sum"] * 0.00025)
