"""Count the days of each Tempo colour that are left, from the registers of the peak hours.

A season lasts from 1 September to 31 August and has 22 red and 43 white days; all others are blue.
The peak hours of a day, 6:00 to 22:00, have the day's colour: only one of the three registers
counts. So each day of the season shows its colour in the statistics, unless they have a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hems.protocols.linky.packed_values import TempoColour

RED_DAYS, WHITE_DAYS = 22, 43
FIRST_MONTH = 9
Days = Mapping[TempoColour, Mapping[date, float]]  # Wh of each day


def season(today: date) -> tuple[date, date]:
    """Return the first day of the season, and the first one of the next."""
    year = today.year if today.month >= FIRST_MONTH else today.year - 1
    return date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1)


def days_left(
    energy: Days, today: date, colour_today: TempoColour | None
) -> dict[TempoColour, int] | None:
    """Return the days that are left after today, by colour; None if a day's colour is not known.

    Today counts as soon as its colour is known.
    """
    first, following = season(today)
    white, red = WHITE_DAYS, RED_DAYS
    blue = (following - first).days - white - red
    left = {TempoColour.BLUE: blue, TempoColour.WHITE: white, TempoColour.RED: red}
    day = first
    while day < today:
        colours = [colour for colour, wh in energy.items() if wh.get(day, 0.0) > 0]
        if len(colours) != 1:
            return None
        left[colours[0]] -= 1
        day += timedelta(days=1)
    if colour_today in left:
        left[colour_today] -= 1
    return left if min(left.values()) >= 0 else None
