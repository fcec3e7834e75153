from datetime import datetime

import pytest

from hems.protocols.tariffs.tariff_hours import HourRange, hour_ranges

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def has(text: str, day: int, time: str) -> bool:
    at = datetime.strptime(time, "%H:%M")  # noqa: DTZ007 - a time of the day
    return any(one.has(day, at.hour * 60 + at.minute) for one in hour_ranges(text))


def test_a_range_begins_with_its_first_minute_and_ends_before_its_last() -> None:
    times = {"16:59": False, "17:00": True, "18:59": True, "19:00": False}
    for time, expected in times.items():
        assert has("Mon-Fri 17:00-19:00", FRIDAY, time) is expected
        assert not has("Mon-Fri 17:00-19:00", SATURDAY, time)


def test_a_night_goes_on_into_the_morning_after_its_day() -> None:
    assert has("23:00-08:00", MONDAY, "07:59")
    assert not has("23:00-08:00", MONDAY, "08:00")
    assert has("Fri 23:00-08:00", FRIDAY, "23:00")
    assert has("Fri 23:00-08:00", SATURDAY, "07:59")
    assert not has("Fri 23:00-08:00", FRIDAY, "07:59")
    assert has("Sun 23:00-08:00", MONDAY, "00:00")


def test_days_may_be_whole_and_a_range_of_days_may_pass_the_weekend() -> None:
    assert hour_ranges("Sat, SUN 8:00-24:00") == (
        HourRange((SATURDAY,), 0, 1440),
        HourRange((SUNDAY,), 480, 1440),
    )
    (over_weekend,) = hour_ranges("Fri-Mon")
    assert over_weekend.days == (FRIDAY, SATURDAY, SUNDAY, MONDAY)


def test_what_is_no_range_is_refused() -> None:
    for text in ("", "always", "23-8", "23:60-08:00", "25:00-08:00", "8:00-8:00", "24:00-8:00"):
        with pytest.raises(ValueError, match="expected"):
            hour_ranges(text)
