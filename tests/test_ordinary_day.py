"""A day of an ordinary household raises no problem; a real fault in it raises one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests.fakes.household import Household

HOUR = 60.0  # minutes
Event = tuple[float, Callable[[], None]]


@pytest.fixture
def household(tmp_path: Path, mocker: MockerFixture) -> Household:
    mocker.patch.object(os, "fsync")  # no test switches the machine off
    return Household(directory=tmp_path, epoch=1_800_000_000.0)


def ordinary(home: Household) -> list[Event]:
    """Return the events of a day: restarts, an update, a weak moment, a router off at night.

    InfluxDB is away for five minutes.
    """

    def update(*, begins: bool) -> None:
        home.is_updating = begins
        home.home.supervisor.is_applying = begins
        home.home.supervisor.recreate("mqtt")

    def router(*, is_on: bool) -> None:
        home.has_router = is_on

    def away(minute: float, name: str, for_minutes: float) -> list[Event]:
        return [
            (minute, lambda: home.away.add(name)),
            (minute + for_minutes, lambda: home.away.discard(name)),
        ]

    def weak(*, is_weak: bool) -> None:
        home.is_undervolted = is_weak

    return [
        (9 * HOUR, lambda: home.crash("eesmart-d2l")),
        (10 * HOUR, lambda: home.restart_unit("telemetry")),
        (13 * HOUR, lambda: update(begins=True)),
        (13 * HOUR + 5, home.restart_hems),
        (13 * HOUR + 8, lambda: update(begins=False)),
        *away(13 * HOUR + 5, "homeassistant", 4),
        *away(13 * HOUR + 5, "influxdb", 1),
        *away(13 * HOUR + 5, "nginx-reverse-proxy", 1),
        *away(15 * HOUR, "influxdb", 5),
        *away(16 * HOUR, "homeassistant", 2),
        *away(17 * HOUR, "nginx-reverse-proxy", 1),
        (18 * HOUR, lambda: weak(is_weak=True)),
        (18 * HOUR + 0.2, lambda: weak(is_weak=False)),
        (23 * HOUR, lambda: router(is_on=False)),
        (30.5 * HOUR, lambda: router(is_on=True)),
    ]


def test_an_ordinary_day_raises_no_problem(household: Household) -> None:
    household.live(32 * HOUR, *ordinary(household))
    assert household.log == []
    assert household.boots > 2  # for the internet, which was away


def test_a_dongle_that_dies_on_such_a_day_is_one_problem(household: Household) -> None:
    def die() -> None:
        household.has_meter = False

    household.minute = 14 * HOUR
    household.live(22 * HOUR, *ordinary(household)[-4:-2], (15 * HOUR, die))
    [line] = household.log
    assert line.startswith(("15:09", "15:10"))
    assert "problem meter-silent 021234567890: no reading since " in line


def test_an_update_that_hangs_on_such_a_day_is_a_problem(household: Household) -> None:
    """The disk stays low and provision cannot do its work."""
    household.live(14 * HOUR, *ordinary(household)[:3])
    names = [line.split()[2].rstrip(":") for line in household.log]
    assert names == ["setup-incomplete", "disk-filling"]


def test_an_influxdb_that_refuses_points_on_such_a_day_is_one_problem(household: Household) -> None:
    def refuse(*, begins: bool) -> None:
        household.services.refuses = begins

    household.minute = 14.5 * HOUR
    household.live(
        22 * HOUR,
        *ordinary(household)[-12:-2],
        (19 * HOUR, lambda: refuse(begins=True)),
        (20 * HOUR, lambda: refuse(begins=False)),
    )
    begin, end = household.log
    assert "problem influxdb-no-new-points: Home Assistant has a value of " in begin
    assert "19:09" <= begin[:5] <= "19:12"
    assert "problem influxdb-no-new-points is over" in end
    assert "20:00" <= end[:5] <= "20:02"
