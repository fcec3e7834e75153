"""Convert between unix time and a Linky's legal time: UTC+1 in winter, UTC+2 in summer.

Europe changes time at 01:00 UTC on the last Sundays of March and October (Directive 2000/84/EC).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

WINTER, SUMMER = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))
MARCH, OCTOBER = 3, 10


def legal_time(unix_time: float) -> datetime:
    """Return the legal time at `unix_time` (s), in WINTER or SUMMER."""
    utc = datetime.fromtimestamp(unix_time, UTC)
    is_summer = _change(utc.year, MARCH) <= utc < _change(utc.year, OCTOBER)
    return utc.astimezone(SUMMER if is_summer else WINTER)


def unix_time(day: date, at: time, after: float) -> int:
    """Return the unix time (s) at which a clock on legal time shows `at` on `day`.

    A time in the hour that October repeats is the first one later than `after` (unix seconds). A
    time in the hour that March skips is the end of that hour.
    """
    for zone in (SUMMER, WINTER):
        moment = datetime.combine(day, at, zone).timestamp()
        if legal_time(moment).tzinfo is zone and moment > after:
            return int(moment)
    is_skipped = legal_time(moment).tzinfo is SUMMER
    return int(_change(day.year, MARCH).timestamp() if is_skipped else moment)


@cache
def _change(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)
