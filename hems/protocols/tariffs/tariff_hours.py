"""Read and apply the hours of a tariff, such as "Mon-Fri 17:00-19:00, Sat", in the home's time.

A range without days is of every day, and days without a range are whole days. A range that ends
before it begins goes on into the next morning: "Fri 23:00-08:00" ends on Saturday.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
FORM = '"23:00-08:00", "Mon-Fri 17:00-19:00" or "Sat, Sun 08:00-23:00"'
_PART = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?)?\s*"
    r"(?:(?P<begin>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2}))?"
)


class HourRange(msgspec.Struct, frozen=True):
    """The days on which it begins (Monday is 0), and minutes of the day; `end` may be 1440."""

    days: tuple[int, ...]
    begin: int
    end: int

    def has(self, weekday: int, minute: int) -> bool:
        """Return whether the minute of a day is in the range."""
        if self.begin < self.end:
            return weekday in self.days and self.begin <= minute < self.end
        is_evening = weekday in self.days and minute >= self.begin
        return is_evening or ((weekday - 1) % 7 in self.days and minute < self.end)


def hour_ranges(text: str) -> tuple[HourRange, ...]:
    """Return the ranges that the text lists. Raises ValueError with what is wrong."""
    return tuple(_range(part.strip()) for part in text.split(","))


def boundaries(ranges: Iterable[HourRange]) -> set[int]:
    """Return the minutes of the day at which one of the ranges may begin or end."""
    return {minute % DAY_MINUTES for one in ranges for minute in (one.begin, one.end)} | {0}


def _range(text: str) -> HourRange:
    match = _PART.fullmatch(text.lower())
    if not text or match is None:
        raise ValueError(f"found {text!r}, expected hours such as {FORM}")
    days = _days(text, match["first"], match["last"])
    if match["begin"] is None:
        return HourRange(days, 0, DAY_MINUTES)
    begin, end = _minute(match["begin"]), _minute(match["end"])
    if begin in {end, DAY_MINUTES}:
        raise ValueError(f"found {text!r}, expected a range that lasts for a time below a day")
    return HourRange(days, begin, end)


def _days(text: str, first: str | None, last: str | None) -> tuple[int, ...]:
    if first is None:
        return tuple(range(7))
    if unknown := {first, last or first} - {*DAYS}:
        expected = ", ".join(day.capitalize() for day in DAYS)
        raise ValueError(f"found the day {min(unknown)!r} in {text!r}, expected {expected}")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((begin + day) % 7 for day in range((end - begin) % 7 + 1))


def _minute(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    minute = hours * 60 + minutes
    if minutes > 59 or minute > DAY_MINUTES:
        raise ValueError(f"found the time {text}, expected 00:00 to 24:00")
    return minute
