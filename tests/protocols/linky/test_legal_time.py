from datetime import date, datetime, time

import pytest

from hems.protocols.linky.legal_time import legal_time, unix_time


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-29T01:59:59+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-10-25T02:59:59+02:00",
        "2026-10-25T02:00:00+01:00",
        "2024-02-29T12:00:00+01:00",
        "2027-03-28T03:00:00+02:00",
        "2027-10-31T02:00:00+01:00",
    ],
)
def test_the_clock_shows_legal_time(moment: str) -> None:
    assert legal_time(unix(moment)).isoformat() == moment


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (date(2026, 7, 14), time(22), "2026-07-14T22:00:00+02:00"),
        (date(2026, 12, 24), time(6, 30), "2026-12-24T06:30:00+01:00"),
        (date(2026, 3, 29), time(2, 30), "2026-03-29T03:00:00+02:00"),
        (date(2026, 3, 29), time(6), "2026-03-29T06:00:00+02:00"),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
        (date(2026, 10, 25), time(6), "2026-10-25T06:00:00+01:00"),
    ],
)
def test_a_time_of_day_is_found_on_days_that_change_time(day: date, at: time, moment: str) -> None:
    assert unix_time(day, at, unix("2026-01-01T00:00:00+01:00")) == unix(moment)


def test_the_repeated_hour_is_later_than_now() -> None:
    now = unix("2026-10-25T02:10:00+01:00")
    assert unix_time(date(2026, 10, 25), time(2, 30), now) == unix("2026-10-25T02:30:00+01:00")
