"""Decode one reading of a Linky meter from the strings in the D2L's payload.

d2l_payload.py decodes the JSON object, labels.py lists the labels, label_decoding.py decodes single
values. incremental_reading_decoder.py decodes the readings that follow one another.

A payload that is not a reading of this device is refused as a whole. A single malformed value is
left out and listed, because the other values are still good.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import msgspec

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_payload import D2lPayload
from hems.protocols.linky.label_decoding import (
    LabelValue,
    MalformedValue,
    MeterIdentity,
    remembered_value,
)
from hems.protocols.linky.labels import (
    OTHER_PHASES,
    REGISTERS,
    SCHEDULES,
    TEXTS,
)
from hems.protocols.linky.packed_values import ScheduleSlot, StatusRegister
from hems.protocols.linky.tic_value_formats import Horodate, Measurement

Value = TypeVar("Value")


class LinkyMode(Enum):
    HISTORIQUE = "HISTORIQUE"
    STANDARD = "STANDARD"


CLOCKS = {LinkyMode.HISTORIQUE: "_HORLOGE", LinkyMode.STANDARD: "DATE"}
MODES = {mode.value: mode for mode in LinkyMode}
PROOFS = {  # labels that only one of the modes has
    LinkyMode.HISTORIQUE: ("ADCO", "OPTARIF", "_HORLOGE"),
    LinkyMode.STANDARD: ("ADSC", "NGTF", "EAST"),
}


class NumbersChange(msgspec.Struct, frozen=True):
    """The numbers `changed` between two readings that differ in nothing else but the time.

    `before`, `after`: the measurements of the two.
    """

    before: Mapping[str, Measurement]
    after: Mapping[str, Measurement]
    changed: Mapping[str, Measurement]


class MeterReading(msgspec.Struct, frozen=True):
    """The values of a meter at one time. Empty values are absent; nothing identifies the home.

    `time`: unix seconds, of the meter's clock in STANDARD and of the D2L's in HISTORIQUE.
    `identity`: changes when the meter is replaced; not its serial number, see `MeterIdentity`.
    `tariff_calendar`, `firmware`: empty if not sent.
    `measurements`, `texts`, `schedules`: by label, in Enedis's spelling; without phases 2 and 3
    on a single-phase meter.
    `relays`: whether each of the 8 is closed, the dry contact first; empty if not sent.
    `malformed`: why a label has no value, although the meter sent it.
    `change`: how it differs from the one before, if incremental_reading_decoder.py compared both.
    """

    mode: LinkyMode
    time: int | None
    is_clock_degraded: bool
    identity: str
    tariff_calendar: str
    firmware: str
    is_single_phase: bool
    measurements: Mapping[str, Measurement]
    texts: Mapping[str, str]
    status: StatusRegister | None
    relays: tuple[bool, ...]
    schedules: Mapping[str, tuple[ScheduleSlot, ...]]
    malformed: Mapping[str, str]
    change: NumbersChange | None = None

    @property
    def indexes(self) -> dict[str, int]:
        """Return the registers (Wh, VArh) by label; as long as the meter stays, none decreases."""
        return {
            label: measured.value
            for label, measured in self.measurements.items()
            if label in REGISTERS
        }


def parse(payload: D2lPayload) -> MeterReading:
    """Return the reading in `payload`.

    Raises ProtocolError if its mode is unknown, or if it has no measurement.
    """
    strings = payload.strings
    mode, mode_fault = _mode(strings)
    measurements: dict[str, Measurement] = {}
    others: dict[str, LabelValue | MalformedValue] = {}
    for label, text in strings.items():
        value = remembered_value(label, text) if text else None
        if type(value) is Measurement:  # isinstance is slow for a msgspec.Struct
            measurements[label] = value
        elif value is not None:
            others[label] = value
    if not measurements:
        raise ProtocolError("payload: found no measurement")
    has_one_phase = is_single_phase(measurements)
    if has_one_phase:
        _correct_phases(measurements)
    clock = _known(others, CLOCKS[mode], Horodate) or Horodate(None)
    texts = {
        label: value for label, value in others.items() if type(value) is str and label in TEXTS
    }
    identity = _known(others, "ADSC", MeterIdentity) or _known(others, "ADCO", MeterIdentity)
    return MeterReading(
        mode=mode,
        time=clock.time,
        is_clock_degraded=clock.is_degraded,
        identity=identity.digits if identity else "",
        tariff_calendar=texts.get("NGTF") or texts.get("OPTARIF", ""),
        firmware=_known(others, "_DATE_FIRMWARE", str) or "",
        is_single_phase=has_one_phase,
        measurements=measurements,
        texts=texts,
        status=_known(others, "STGE", StatusRegister),
        relays=_known(others, "RELAIS", tuple) or (),
        schedules={label: _known(others, label, tuple) or () for label in SCHEDULES},
        malformed={**mode_fault, **payload.faults, **_faults(others)},
    )


def _mode(strings: Mapping[str, str]) -> tuple[LinkyMode, dict[str, str]]:
    """Return the mode that the D2L names, or else the one that the labels prove, and the fault.

    Raises ProtocolError if they prove none.
    """
    text = strings.get("_TYPE_TRAME", "")
    if text in MODES:
        return MODES[text], {}
    fault = f"found {text[:20]!r}, expected HISTORIQUE or STANDARD"
    proven = [mode for mode, labels in PROOFS.items() if any(map(strings.get, labels))]
    if len(proven) != 1:
        raise ProtocolError(f"_TYPE_TRAME: {fault}")
    return proven[0], {"_TYPE_TRAME": fault}


def _faults(values: Mapping[str, LabelValue | MalformedValue]) -> dict[str, str]:
    return {
        label: value.fault for label, value in values.items() if isinstance(value, MalformedValue)
    }


def _known(
    values: Mapping[str, LabelValue | MalformedValue], label: str, kind: type[Value]
) -> Value | None:
    """Return the label's value, None if it is empty or malformed."""
    value = values.get(label)
    return value if isinstance(value, kind) else None


def is_single_phase(measurements: Mapping[str, Measurement]) -> bool:
    """Return whether all values of phases 2 and 3 are zero or empty."""
    return not any(measurements[label].value for label in OTHER_PHASES & measurements.keys())


def _correct_phases(measurements: dict[str, Measurement]) -> None:
    """Give a single-phase meter's measurements the correct labels.

    For such a meter the D2L sends yesterday's highest power as SMAXSN1, and SMAXSN-1 empty.
    """
    for label in OTHER_PHASES & measurements.keys():
        del measurements[label]
    yesterday = measurements.pop("SMAXSN1", None)
    if yesterday is not None:
        measurements.setdefault("SMAXSN-1", yesterday)
