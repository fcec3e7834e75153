"""Build what follows the tariff in a simulated Linky: status, announcements and schedules."""

from __future__ import annotations

from datetime import time, timedelta
from typing import NamedTuple

from dev.simulator.household import DAY_S, FIRST_DAY_S, HouseholdReading
from dev.simulator.linky_variants import MeterKind
from dev.simulator.tariff_calendars import (
    EJP,
    EJP_BEGINS,
    EJP_ENDS,
    TEMPO,
    TariffCalendar,
    is_ejp_day,
    tempo_colour,
)
from hems.protocols.linky.legal_time import SUMMER, legal_time, unix_time

# STGE: bit 17 standard TIC, 19-20 Euridis with security, 22 PLC registered, 23 PLC synchronised.
STGE = 1 << 17 | 3 << 19 | 1 << 22 | 1 << 23
CONTACT_OPEN, PRODUCER, EXPORTS = 1 << 0, 1 << 8, 1 << 9
OPEN, CLOSED = 0b10, 0b11  # the two highest bits of a slot's action
COLOUR_KNOWN = 11 * 60  # minute of the day at which tomorrow's colour is announced
COLOURS = ("----", "BLEU", "BLAN", "ROUG")
NOTICE_S, EJP_NOTICE_MIN = 14 * 3600, 30  # of a peak in STANDARD, in HISTORIQUE
MAX_DISTRIBUTOR_INDEX = 4
UNUSED_SLOT, SLOTS = "NONUTILE", 11


class Peak(NamedTuple):
    """A peak of EJP, unix seconds."""

    begins: int
    ends: int


def horodate(unix_time: int) -> str:
    """Return `SAAMMJJhhmmss`, legal time in France; S is E in summer and H in winter."""
    legal = legal_time(unix_time)
    return f"{'E' if legal.tzinfo is SUMMER else 'H'}{legal:%y%m%d%H%M%S}"


def announcements(calendar: TariffCalendar, reading: HouseholdReading) -> dict[str, str]:
    """Return DEMAIN with Tempo, and PEJP in the 30 minutes before an EJP peak (HISTORIQUE)."""
    if calendar is TEMPO:
        return {"DEMAIN": COLOURS[_colour_tomorrow(reading)]}
    peak = _peak(calendar, reading)
    if peak and 0 < peak.begins - reading.unix_time <= EJP_NOTICE_MIN * 60:
        return {"PEJP": f"{EJP_NOTICE_MIN}"}
    return {}


def status(kind: MeterKind, reading: HouseholdReading) -> str:
    """Return STGE."""
    calendar, index = kind.calendar, reading.index
    bits = STGE | index - 1 << 10
    if len(calendar.labels) <= MAX_DISTRIBUTOR_INDEX:
        bits |= index - 1 << 14
    if not calendar.is_closed(index):
        bits |= CONTACT_OPEN
    if kind.solar_w:
        bits |= PRODUCER | EXPORTS * (reading.injected.watts > 0)
    if calendar is TEMPO:
        bits |= tempo_colour(reading.day, reading.minute) << 24 | _colour_tomorrow(reading) << 26
    if peak := _peak(calendar, reading):
        bits |= 1 << (28 if reading.unix_time < peak.begins else 30)
    return f"{bits:08X}"


def peaks(calendar: TariffCalendar, reading: HouseholdReading) -> dict[str, str]:
    """Return when the announced peak begins and ends, and its day's schedule."""
    dates = dict.fromkeys((f"{edge}PM{number}" for number in (1, 2, 3) for edge in "DF"), "")
    if (peak := _peak(calendar, reading)) is None:
        return {**dates, "PPOINTE": UNUSED_SLOT}
    begin = legal_time(peak.begins).time()
    slots = [_slot(calendar, begin, 2)] if reading.unix_time < peak.begins else []
    dates["DPM1"], dates["FPM1"] = (f"{horodate(edge)[:9]}|00" for edge in peak)
    return {**dates, "PPOINTE": _filled(slots)}


def tomorrow(calendar: TariffCalendar, now: int) -> str:
    """Return PJOURF+1, in legal time; it does not include peaks."""
    day = legal_time(now).date() + timedelta(days=1)
    slots: list[str] = []
    previous = 0
    for hour in range(24):
        at, second = divmod(unix_time(day, time(hour), now) - FIRST_DAY_S, DAY_S)
        index = 1 if calendar is EJP else calendar.index_at(at, second // 60)
        if index != previous:
            slots.append(_slot(calendar, time(hour), index))
        previous = index
    return _filled(slots)


def _slot(calendar: TariffCalendar, begins: time, index: int) -> str:
    contact = calendar.contact or (CLOSED if calendar.is_closed(index) else OPEN)
    return f"{begins:%H%M}{contact << 14 | index:04X}"


def _filled(slots: list[str]) -> str:
    return " ".join((slots + [UNUSED_SLOT] * SLOTS)[:SLOTS])


def _colour_tomorrow(reading: HouseholdReading) -> int:
    return tempo_colour(reading.day + 1, COLOUR_KNOWN) if reading.minute >= COLOUR_KNOWN else 0


def _peak(calendar: TariffCalendar, reading: HouseholdReading) -> Peak | None:
    """Return the peak that is in progress, or announced 14 hours before."""
    if calendar is not EJP:
        return None
    for day in range(reading.day - 1, reading.day + 2):
        midnight = FIRST_DAY_S + day * DAY_S
        peak = Peak(midnight + EJP_BEGINS * 60, midnight + DAY_S + EJP_ENDS * 60)
        if is_ejp_day(day) and peak.begins - NOTICE_S <= reading.unix_time < peak.ends:
            return peak
    return None
