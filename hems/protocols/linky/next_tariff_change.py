"""Derive when a STANDARD meter changes its tariff next, from the schedules that it sends.

PJOURF+1 is tomorrow's schedule. It is today's too if both days have the same number (NJOURF and
NJOURF+1: the day's profile in the supplier's calendar). Otherwise today's is what the meter sent
yesterday. Today's schedule must explain the index that counts now, or the change is unknown, as it
is while a mobile peak, which no schedule has, may come first. Source: Enedis-NOI-CPT_54E, sections
6.2.3.20 to 6.2.3.22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from hems.protocols.linky.changed_numbers import Changed
from hems.protocols.linky.labels import PEAK_BEGINS
from hems.protocols.linky.legal_time import legal_time, unix_time
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.packed_values import ScheduleSlot
from hems.protocols.linky.readable_schedule import slots
from hems.protocols.linky.tariff_announcements import peak_begins, tempo_colours

Slots = tuple[ScheduleSlot, ...]
LATEST = 1 << 32  # unix s
BASIS = ("NTARF", "NJOURF", "NJOURF+1", *PEAK_BEGINS)  # the numbers that a change depends on
RECALLED_NAMES = {"ntarf": "ltarf", "next_tariff_index": "next_tariff_name"}


@dataclass(frozen=True, slots=True)
class TariffChange:
    """The next change: unix seconds, the index that begins to count, its name, today's schedule.

    `index` and `name` are None if unknown: Tempo's depend on a colour that the schedule may not
    show, and a name is known once that index has counted.
    """

    at: int
    index: int | None
    name: str | None
    todays: Slots = ()


class TariffSchedules:
    """What one meter has sent about its days and tariffs."""

    def __init__(self) -> None:
        self._days: dict[date, Slots] = {}  # tomorrow's schedule, and today's as sent yesterday
        self._names: dict[int, str] = {}
        self._calendar = ""
        self._basis: object = None  # of the newest result, which holds from `_since` to `_until`
        self._since = self._until = 0
        self._change: TariffChange | None = None

    def recall(self, meter_time: int | None, state: Mapping[str, object]) -> None:
        """Take from the `state` what was published before a restart, at `meter_time` (unix s)."""
        if meter_time is not None and 0 <= meter_time < LATEST:
            today = legal_time(meter_time).date()
            days = {"schedule_today": today, "schedule_tomorrow": today + timedelta(days=1)}
            self._days = {day: slots(state.get(key)) for key, day in days.items()}
        self._calendar = str(state.get("ngtf") or "")
        for index_key, name_key in RECALLED_NAMES.items():
            index, name = state.get(index_key), state.get(name_key)
            if isinstance(index, int) and isinstance(name, str):
                self._names[index] = name

    def next_change(self, reading: MeterReading, changed: Changed = None) -> TariffChange | None:
        """Remember the schedule in `reading`; return the next change, None if unknown.

        `changed`: the numbers that differ from those of the reading before, None if more may.
        """
        if (
            changed is not None
            and reading.time is not None
            and self._since <= reading.time < self._until
            and changed.keys().isdisjoint(BASIS)
        ):
            return self._change
        tomorrows = reading.schedules.get("PJOURF+1", ())
        index = reading.measurements.get("NTARF")
        if reading.time is None or reading.is_clock_degraded or not tomorrows or index is None:
            self._until = 0
            return None
        self._remember_name(reading, index.value)
        numbers = reading.measurements.get("NJOURF"), reading.measurements.get("NJOURF+1")
        basis = tomorrows, index.value, numbers, reading.status, peak_begins(reading)
        if basis != self._basis or not self._since <= reading.time < self._until:
            is_same_day = numbers[0] is not None and numbers[0] == numbers[1]
            self._basis, self._since = basis, reading.time
            self._change = self._first_change(reading, index.value, tomorrows, is_same_day)
        return self._change

    def _first_change(
        self, reading: MeterReading, index: int, tomorrows: Slots, is_same_day: bool
    ) -> TariffChange | None:
        now = legal_time(self._since)
        today, tomorrow = now.date(), now.date() + timedelta(days=1)
        self._until = unix_time(tomorrow, time(), self._since)
        sent_yesterday = self._days.get(today, ())
        todays = tomorrows if is_same_day else sent_yesterday
        self._days = {today: todays, tomorrow: tomorrows}
        if _index_at(todays, now.time()) != index:
            return None
        coming = [(today, slot) for slot in todays if slot.begins > now.time()]
        coming += [(tomorrow, slot) for slot in tomorrows]
        for day, slot in coming:
            if slot.index not in (None, index):
                at = unix_time(day, slot.begins, self._since)
                self._until = min(self._until, at)
                if _may_peak_before(reading, at):
                    return None
                next_index = slot.index if _is_index_known(reading) else None
                return TariffChange(at, next_index, self._names.get(next_index or 0), todays)
        return None

    def _remember_name(self, reading: MeterReading, index: int) -> None:
        if reading.tariff_calendar not in ("", self._calendar):
            self._calendar = reading.tariff_calendar
            self._names.clear()
            self._basis = None
        if name := reading.texts.get("LTARF"):
            self._names[index] = name


def _index_at(slots: Slots, now: time) -> int | None:
    """Return the index that counts at `now`; before the first slot, the last of the day before."""
    indexes = [(slot.begins, slot.index) for slot in slots if slot.index is not None]
    earlier = [index for begins, index in indexes if begins <= now]
    known = earlier or [index for _, index in indexes]
    return known[-1] if known else None


def _may_peak_before(reading: MeterReading, at: int) -> bool:
    status = reading.status
    is_peak = status is not None and bool(status.peak or status.peak_notice)
    return is_peak or any(begins < at for begins in peak_begins(reading).values())


def _is_index_known(reading: MeterReading) -> bool:
    colours = tempo_colours(reading)
    return colours is None or colours.today == colours.tomorrow
