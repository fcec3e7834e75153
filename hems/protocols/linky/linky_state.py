"""The state of a Linky's entities: the JSON object that a reading gives them.

A MeterReading has neither the serial number nor the delivery point, so they are never published.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from hems.protocols.linky.derived_values import derived_from_numbers, derived_values
from hems.protocols.linky.entity_catalogue import DIRECTION, EXPORT, IMPORT, KEYS, words
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.next_tariff_change import TariffChange
from hems.protocols.linky.packed_values import MAX_INDEX, StatusRegister
from hems.protocols.linky.readable_schedule import schedule_text
from hems.protocols.linky.tariff_announcements import mobile_peaks, tempo_colours
from hems.protocols.linky.tic_value_formats import Measurement

TWO_DIGITS = [f"{number:02}" for number in range(60)]
State = dict[str, str | int | bool | None]


def state(reading: MeterReading) -> State:
    """Return the JSON object that the entities read: keys in lower case, times in ISO 8601.

    The time of a dated number has the number's key with `_at`.
    """
    values = numbers_state(reading, reading.measurements) | derived_values(reading)
    values |= {KEYS[label]: text for label, text in reading.texts.items()}
    if reading.status is not None:
        values |= _status_state(reading.status)
    return values | _tariff_state(reading)


def numbers_state(reading: MeterReading, measurements: Mapping[str, Measurement]) -> State:
    """Return the state of `measurements`, and what time and numbers of the reading add."""
    values: State = {"date": iso_time(reading.time)}
    for label, measured in measurements.items():
        key = KEYS[label]
        values[key] = measured.value
        if measured.at is not None:
            values[f"{key}_at"] = iso_time(measured.at)
    values |= derived_from_numbers(reading)
    return values


def change_state(change: TariffChange | None) -> State:
    """Return the part of the state that shows the next change of the tariff."""
    if change is None:
        return {}
    return {
        "next_tariff_change": iso_time(change.at),
        "next_tariff_index": change.index,
        "next_tariff_name": change.name,
        "schedule_today": schedule_text(change.todays),
    }


@lru_cache(maxsize=16)
def _status_state(status: StatusRegister) -> State:
    index = status.supplier_index
    return {
        "breaker": words(status.breaker),
        "overvoltage": status.has_overvoltage,
        "cover": status.is_cover_open,
        "producer": status.is_producer,
        DIRECTION.key: EXPORT if status.is_energy_negative else IMPORT,
        "supplier_index": index if index <= MAX_INDEX else None,
        "distributor_index": status.distributor_index,
        "euridis": words(status.euridis),
        "plc": words(status.plc_state),
        "plc_synchronised": status.is_plc_synchronised,
    }


def _tariff_state(reading: MeterReading) -> State:
    values: State = {}
    if (colours := tempo_colours(reading)) is not None:
        values["tempo_today"] = colours.today and words(colours.today)
        values["tempo_tomorrow"] = colours.tomorrow and words(colours.tomorrow)
    if (peaks := mobile_peaks(reading)) is not None:
        values["peak_notice"], values["peak"] = peaks.is_noticed, peaks.is_active
        values["peak_notice_number"], values["peak_number"] = peaks.notice_number, peaks.number
        values["peak_notice_min"] = peaks.notice_min
        values["peak_begins"], values["peak_ends"] = iso_time(peaks.begins), iso_time(peaks.ends)
        values["peak_schedule"] = schedule_text(reading.schedules.get("PPOINTE", ()))
    if slots := reading.schedules.get("PJOURF+1"):
        values["schedule_tomorrow"] = schedule_text(slots)
    return values


@lru_cache(maxsize=64)  # a state has the time of its reading several times
def iso_time(time: int | None) -> str | None:
    """Return `time` (unix s) in ISO 8601, None if it is unknown."""
    if time is None:
        return None
    hour, second = divmod(time, 3600)
    minute, second = divmod(second, 60)
    return f"{_iso_hour(hour)}:{TWO_DIGITS[minute]}:{TWO_DIGITS[second]}+00:00"


@lru_cache(maxsize=64)
def _iso_hour(hour: int) -> str:
    """Return the date and the hour, `hour` hours after 1970-01-01T00, in UTC."""
    return f"{datetime.fromtimestamp(3600 * hour, UTC):%Y-%m-%dT%H}"
