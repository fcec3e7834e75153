"""The days and months of the home: from its local midnight to the next, 23 to 25 hours later.

"By now" is until the same time of the clock on another day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True)
class Period:
    """From `begin` up to `end`, unix seconds."""

    begin: float
    end: float


@dataclass(frozen=True)
class HomePeriods:
    """The periods of the home at one moment."""

    today: Period
    yesterday: Period
    yesterday_by_now: Period
    last_week_by_now: Period
    month: Period


def home_periods(now: float, zone: tzinfo) -> HomePeriods:
    """Return the periods at unix time `now` (s); today and the month end then."""
    here = datetime.fromtimestamp(now, zone)
    today = here.date()
    yesterday, last_week = today - timedelta(days=1), today - timedelta(days=7)

    def by_now(day: date) -> Period:
        end = datetime.combine(day, here.time(), zone)
        return Period(midnight(day, zone), end.timestamp())

    return HomePeriods(
        today=Period(midnight(today, zone), now),
        yesterday=Period(midnight(yesterday, zone), midnight(today, zone)),
        yesterday_by_now=by_now(yesterday),
        last_week_by_now=by_now(last_week),
        month=Period(midnight(today.replace(day=1), zone), now),
    )


def midnight(day: date, zone: tzinfo) -> float:
    """Return when a day begins (unix s)."""
    return datetime.combine(day, time(), zone).timestamp()


def local_day(at: float, zone: tzinfo) -> date:
    """Return the day of a unix time (s)."""
    return datetime.fromtimestamp(at, zone).date()


def days(period: Period, zone: tzinfo) -> Iterator[date]:
    """Yield each day of a period, also one that has only begun."""
    day = local_day(period.begin, zone)
    while midnight(day, zone) < period.end:
        yield day
        day += timedelta(days=1)
