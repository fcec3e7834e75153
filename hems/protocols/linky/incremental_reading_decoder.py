"""Decode the readings of one meter, one after the other: only what has changed is decoded again.

From one minute to the next the time and a few numbers change. A reading that differs in anything
else is decoded as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import ne

from msgspec.structs import replace

from hems.protocols.linky.d2l_payload import D2lPayload
from hems.protocols.linky.label_decoding import (
    DECODERS,
    LabelValue,
    MalformedValue,
    changed_value,
)
from hems.protocols.linky.labels import OTHER_PHASES
from hems.protocols.linky.meter_reading import (
    CLOCKS,
    MeterReading,
    NumbersChange,
    is_single_phase,
    parse,
)
from hems.protocols.linky.tic_value_formats import Horodate, Measurement

MEANING = {"_TYPE_TRAME", *DECODERS}  # hems ignores all other labels
OF_PHASES = OTHER_PHASES | {"SMAXSN1", "SMAXSN-1"}  # what they mean depends on all phases


class ReadingDecoder:
    """Decodes the readings of one meter. It returns what `meter_reading.parse` returns."""

    def __init__(self) -> None:
        self._strings: Mapping[str, str] = {}
        self._last: MeterReading | None = None

    def decode(self, payload: D2lPayload) -> MeterReading:
        """Return the reading in `payload`. Raises ProtocolError as `parse` does."""
        last, self._last = self._last, None
        reading = None if last is None else self._following(last, payload)
        if reading is None:
            reading = parse(payload)
        self._strings, self._last = payload.strings, reading
        return reading

    def _following(self, last: MeterReading, payload: D2lPayload) -> MeterReading | None:
        """Return the reading after `last`, None if more than its time and numbers may differ."""
        strings, before = payload.strings, self._strings
        if payload.faults or last.malformed or [*strings] != [*before]:
            return None
        differing = compress(strings, map(ne, strings.values(), before.values()))
        values = {label: changed_value(label, strings[label]) for label in differing}
        clock, time = CLOCKS[last.mode], last.time
        if clock in values and (time := _time_after(last, values.pop(clock))) is None:
            return None
        numbers = _numbers_after(last, values)
        if numbers is None:
            return None
        measurements = {**last.measurements, **numbers}
        if not last.is_single_phase and is_single_phase(measurements):
            return None
        change = NumbersChange(last.measurements, measurements, numbers)
        return replace(last, time=time, measurements=measurements, change=change)


def _time_after(last: MeterReading, value: object) -> int | None:
    """Return the time that the clock shows now, None if more than its time may have changed."""
    if type(value) is not Horodate or value.is_degraded != last.is_clock_degraded:
        return None
    return None if last.time is None else value.time


def _numbers_after(
    last: MeterReading, values: Mapping[str, LabelValue | MalformedValue]
) -> dict[str, Measurement] | None:
    """Return the new numbers in the new `values`, None if more than numbers may have changed."""
    numbers = {
        label: value
        for label, value in values.items()
        if type(value) is Measurement and label in last.measurements
    }
    if len(numbers) < len(values) and not MEANING.isdisjoint(values.keys() - numbers.keys()):
        return None
    if last.is_single_phase and not OF_PHASES.isdisjoint(numbers):
        return None
    return numbers
