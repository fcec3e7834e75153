import pytest

from hems.workers.telemetry.wear import HOUR_S, LEAST_S, Wear

RATE = 1000  # bytes a second


def test_a_steady_rate_is_told_once_there_is_enough_of_it() -> None:
    wear = Wear()
    told = {now: wear.per_hour(now, RATE * now) for now in range(0, 1200, 60)}
    assert {now for now, rate in told.items() if rate is None} == set(range(0, int(LEAST_S), 60))
    assert {rate for rate in told.values() if rate is not None} == {RATE * HOUR_S}


def test_what_was_written_more_than_an_hour_ago_is_forgotten() -> None:
    wear = Wear()
    wear.per_hour(0, 0)
    told = {now: wear.per_hour(now, 5_000_000) for now in range(60, 5000, 60)}
    assert told[int(HOUR_S)] == pytest.approx(5_000_000)
    assert told[int(HOUR_S) + 60] == 0


def test_however_often_it_is_asked_it_keeps_an_hour_of_minutes() -> None:
    wear = Wear()
    for now in range(3 * int(HOUR_S)):
        wear.per_hour(now, 0)
    assert len(wear._samples) <= 61


def test_a_counter_that_falls_is_another_disks() -> None:
    wear = Wear()
    wear.per_hour(0, 10**9)
    assert wear.per_hour(LEAST_S, 5) is None
    assert wear.per_hour(2 * LEAST_S, 5 + 600) == 3600
