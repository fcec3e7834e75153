"""A reading of a Linky meter, from what the D2L pushes.

linky_payload has the JSON object around it, linky_fields what each label is, linky_values
and linky_status how values are written.

What is not a reading of this device is refused as a whole. A single malformed value is
left out and named, because the rest is as good as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TypeVar

from hems.errors import ProtocolError
from hems.protocols.d2l import CLOCK_EPOCH
from hems.protocols.linky_fields import (
    OPTION_INDEXES,
    OTHER_PHASES,
    QUANTITIES,
    SCALES,
    SCHEDULES,
    TEXTS,
)
from hems.protocols.linky_status import Slot, StatusRegister, relays, schedule, status_register
from hems.protocols.linky_values import (
    Horodate,
    Measurement,
    horodate,
    measurement,
    number,
    plain_text,
)

MEASUREMENTS = {
    label: partial(measurement, quantity=quantity, scale=SCALES.get(label, 1))
    for label, quantity in QUANTITIES.items()
}

Value = TypeVar("Value")


class Mode(Enum):
    HISTORIQUE = "HISTORIQUE"
    STANDARD = "STANDARD"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter said at one moment. Empty values are absent; nothing names the home.

    `time`: unix seconds, of the meter's clock in STANDARD and of the D2L's in HISTORIQUE.
    `identity`: changes when the meter is replaced; not its serial, see `_identity`.
    `tariff_calendar`, `firmware`: empty if not sent.
    `measurements`, `texts`, `schedules`: by label, spelled as Enedis does. Without the
    phases 2 and 3 of a single-phase meter.
    `relays`: 8, closed or not, the dry contact first; none if not sent.
    `malformed`: labels whose value made no sense.
    """

    mode: Mode
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
    schedules: Mapping[str, tuple[Slot, ...]]
    malformed: tuple[str, ...]

    @property
    def indexes(self) -> dict[str, int]:
        """Return the registers (Wh, VArh) by label; on one meter none ever decreases."""
        return {
            label: found.value
            for label, found in self.measurements.items()
            if found.quantity.is_index
        }

    @property
    def total_wh(self) -> int | None:
        """Return all the energy ever drawn, None if unknown.

        STANDARD has it as EAST; HISTORIQUE has only its parts, one for each period of the
        tariff option, and all of them are needed.
        """
        parts: tuple[str, ...] = ("EAST",)
        if self.mode is Mode.HISTORIQUE:
            parts = OPTION_INDEXES.get(self.tariff_calendar[:3], ())
        if not parts or not self.measurements.keys() >= {*parts}:
            return None
        return sum(self.measurements[label].value for label in parts)


def parse(strings: Mapping[str, str]) -> Reading:
    """Return the reading in what `linky_payload.fields` found.

    Raises ProtocolError if it has no known mode.
    """
    mode = _mode(strings)
    values = _Values(strings)
    clock = _clock(values, mode)
    measurements = values.measurements()
    is_single_phase = _is_single_phase(measurements)
    texts = {label: text for label in TEXTS if (text := values.text(label))}
    return Reading(
        mode=mode,
        time=clock.time,
        is_clock_degraded=clock.is_degraded,
        identity=_identity(strings),
        tariff_calendar=texts.get("NGTF") or texts.get("OPTARIF", ""),
        firmware=values.text("_DATE_FIRMWARE"),
        is_single_phase=is_single_phase,
        measurements=_without_phases(measurements) if is_single_phase else measurements,
        texts=texts,
        status=values.read("STGE", status_register),
        relays=values.read("RELAIS", relays) or (),
        schedules={label: values.read(label, schedule) or () for label in SCHEDULES},
        malformed=tuple(values.malformed),
    )


class _Values:
    """The strings of one object, read label by label; notes what makes no sense."""

    def __init__(self, strings: Mapping[str, str]) -> None:
        self._strings = strings
        self.malformed: list[str] = []

    def text(self, label: str) -> str:
        return plain_text(self._strings.get(label, ""))

    def read(self, label: str, reader: Callable[[str], Value]) -> Value | None:
        """Return what `reader` makes of the value, None if it is empty or malformed."""
        value = self._strings.get(label, "")
        if not value.strip():
            return None
        try:
            return reader(value)
        except ProtocolError:
            self.malformed.append(label)
            return None

    def measurements(self) -> dict[str, Measurement]:
        found = {}
        for label, reader in MEASUREMENTS.items():
            if (read := self.read(label, reader)) is not None:
                found[label] = read
        return found


def _mode(strings: Mapping[str, str]) -> Mode:
    found = strings.get("_TYPE_TRAME", "")
    try:
        return Mode(found)
    except ValueError:
        raise ProtocolError(
            f"_TYPE_TRAME {found[:20]!r}, expected HISTORIQUE or STANDARD"
        ) from None


def _clock(values: _Values, mode: Mode) -> Horodate:
    if mode is Mode.STANDARD:
        return values.read("DATE", horodate) or Horodate(None)
    return values.read("_HORLOGE", _d2l_clock) or Horodate(None)


def _d2l_clock(text: str) -> Horodate:
    seconds = number(text)
    if seconds >= 1 << 32:
        raise ProtocolError(f"clock {text!r}, expected seconds in 32 bits")
    return Horodate(CLOCK_EPOCH + seconds)


def _identity(strings: Mapping[str, str]) -> str:
    """Return 8 hexadecimal digits that follow from the meter's serial, empty without one.

    So short that hundreds of the 10^12 serials share it: it tells a replaced meter, not
    whose meter it is.
    """
    serial = plain_text(strings.get("ADSC", "") or strings.get("ADCO", ""))
    return hashlib.sha256(serial.encode()).hexdigest()[:8] if serial else ""


def _is_single_phase(measurements: Mapping[str, Measurement]) -> bool:
    """Tell whether nothing is measured on phases 2 and 3: their values are zero or empty."""
    return not any(measurements[label].value for label in OTHER_PHASES & measurements.keys())


def _without_phases(measurements: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Return a single-phase meter's measurements under their own labels.

    The D2L sends yesterday's highest power as SMAXSN1 then, and SMAXSN-1 empty.
    """
    found = {label: m for label, m in measurements.items() if label not in OTHER_PHASES}
    yesterday = found.pop("SMAXSN1", None)
    if yesterday is not None:
        found.setdefault("SMAXSN-1", yesterday)
    return found
