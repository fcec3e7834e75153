"""The tariffs that a simulated meter counts in: which register counts at which minute.

Days are numbered from `household.FIRST_DAY_S`; minutes are of UTC+1 all year, as off-peak hours
are: 22:00 to 06:00. Tempo's days begin at 06:00. A peak of EJP lasts from 07:00 to 01:00.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OFF_PEAK_ENDS, OFF_PEAK_BEGINS = 6 * 60, 22 * 60  # minutes of the day
TEMPO_DAY_BEGINS = 6 * 60
EJP_BEGINS, EJP_ENDS = 7 * 60, 60
CYCLE = 10  # days
TEMPO_CYCLE = (*(1,) * 7, *(2,) * 2, 3)  # blue, white and red, as in STGE
EJP_DAY = CYCLE - 1


@dataclass(frozen=True)
class TariffCalendar:
    """A contract. Indexes count from 1.

    `ngtf`, `names`: the calendar's name and each register's, in STANDARD; `optarif`, `labels`,
    `periods`: the option, each register and its PTEC in HISTORIQUE; `index_at`: the register that
    counts on a day at a minute, the same again after `cycle` days; `contact`: the two bits of a
    schedule that leave the dry contact to Tempo's configuration, 0 for other contracts.
    """

    ngtf: str
    names: tuple[str, ...]
    optarif: str
    labels: tuple[str, ...]
    periods: tuple[str, ...]
    index_at: Callable[[int, int], int]
    cycle: int = 1
    contact: int = 0
    has_off_peak: bool = True

    def is_closed(self, index: int) -> bool:
        """Return whether the dry contact is closed, as it is off-peak."""
        return self.has_off_peak and index % 2 == 1


def tempo_colour(day: int, minute: int) -> int:
    """Return the colour in force, as in STGE."""
    return TEMPO_CYCLE[(day - (minute < TEMPO_DAY_BEGINS)) % CYCLE]


def is_ejp_day(day: int) -> bool:
    """Return whether an EJP peak begins on this day."""
    return day % CYCLE == EJP_DAY


def _off_peak(_day: int, minute: int) -> int:
    return 2 if OFF_PEAK_ENDS <= minute < OFF_PEAK_BEGINS else 1


def _tempo(day: int, minute: int) -> int:
    return 2 * (tempo_colour(day, minute) - 1) + _off_peak(day, minute)


def _ejp(day: int, minute: int) -> int:
    is_peak = is_ejp_day(day) if minute >= EJP_BEGINS else minute < EJP_ENDS and is_ejp_day(day - 1)
    return 2 if is_peak else 1


COLOURS, PERIODS = {"B": "BLEU", "W": "BLANC", "R": "ROUGE"}, ("HC", "HP")
TEMPO_PERIODS = tuple(f"{period}J{letter}" for letter in COLOURS for period in PERIODS)

BASE = TariffCalendar(
    ngtf="      BASE      ",
    names=("      BASE      ",),
    optarif="BASE",
    labels=("BASE",),
    periods=("TH..",),
    index_at=lambda _day, _minute: 1,
    has_off_peak=False,
)
OFF_PEAK = TariffCalendar(
    ngtf=" H PLEINE-CREUSE",
    names=("  HEURE  CREUSE ", "  HEURE  PLEINE "),
    optarif="HC..",
    labels=("HCHC", "HCHP"),
    periods=("HC..", "HP.."),
    index_at=_off_peak,
)
TEMPO = TariffCalendar(
    ngtf="     TEMPO      ",
    names=tuple(f"   {one[:2]}  {COLOURS[one[3]]:<9}" for one in TEMPO_PERIODS),
    optarif="BBR(",
    labels=tuple(f"BBR{period}" for period in TEMPO_PERIODS),
    periods=TEMPO_PERIODS,
    index_at=_tempo,
    cycle=CYCLE,
    contact=0b01,
)
EJP = TariffCalendar(
    ngtf="       EJP      ",
    names=(" HEURE  NORMALE ", " POINTE  MOBILE "),
    optarif="EJP.",
    labels=("EJPHN", "EJPHPM"),
    periods=("HN..", "PM.."),
    index_at=_ejp,
    cycle=CYCLE,
    has_off_peak=False,
)
