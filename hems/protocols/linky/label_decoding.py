"""Decode the value of each label, and remember what a text meant.

Most texts of a frame are those of the frame before. Decoding is a pure function of the label and
the text, so a bounded cache returns the same values as decoding again, several times faster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import CLOCK_EPOCH
from hems.protocols.linky.labels import (
    PEAK_BEGINS,
    PEAK_ENDS,
    QUANTITIES,
    SCALES,
    SCHEDULES,
    TEXTS,
)
from hems.protocols.linky.packed_values import (
    ScheduleSlot,
    StatusRegister,
    relays,
    schedule,
    status_register,
)
from hems.protocols.linky.tic_value_formats import (
    MAX_DIGITS,
    Horodate,
    Measurement,
    horodate,
    measurement,
    number,
    peak_edge,
    plain_text,
)

REMEMBERED_VALUES = 4096  # about 30 complete frames: a few hundred kilobytes
MAX_FAULT_SIZE = 120  # a message names the text, which can be thousands of characters


@dataclass(frozen=True, slots=True)
class MalformedValue:
    """Why a text means nothing."""

    fault: str


@dataclass(frozen=True, slots=True)
class MeterIdentity:
    """8 hexadecimal digits of a hash of a meter's serial number.

    Hundreds of the 10^12 serial numbers share each value: it shows that a meter was replaced, but
    does not identify the home.
    """

    digits: str


LabelValue = (
    Measurement
    | Horodate
    | StatusRegister
    | MeterIdentity
    | str
    | tuple[bool, ...]
    | tuple[ScheduleSlot, ...]
    | None
)


def _d2l_clock(text: str) -> Horodate:
    seconds = number(text)
    if seconds >= 1 << 32:
        raise ProtocolError(f"clock: found {text!r}, expected seconds in 32 bits")
    return Horodate(CLOCK_EPOCH + seconds)


def _identity(text: str) -> MeterIdentity:
    return MeterIdentity(hashlib.sha256(plain_text(text).encode()).hexdigest()[:8])


CLOCKS = {"DATE", "_HORLOGE"}
UNITS = {
    label: (quantity, SCALES.get(label, 1))
    for label, quantity in QUANTITIES.items()
    if label not in PEAK_BEGINS
}
DECODERS: Mapping[str, Callable[[str], LabelValue]] = {
    **{
        label: partial(measurement, quantity=quantity, scale=SCALES.get(label, 1))
        for label, quantity in QUANTITIES.items()
    },
    **dict.fromkeys((*PEAK_BEGINS, *PEAK_ENDS), peak_edge),
    **dict.fromkeys(TEXTS, plain_text),
    **dict.fromkeys(SCHEDULES, schedule),
    "DATE": horodate,
    "_HORLOGE": _d2l_clock,
    "_DATE_FIRMWARE": plain_text,
    "STGE": status_register,
    "RELAIS": relays,
    "ADSC": _identity,
    "ADCO": _identity,
}


def decode_value(label: str, text: str) -> LabelValue | MalformedValue:
    """Return what `text` means as the value of `label`, None if it is empty or hems ignores it."""
    decoder = DECODERS.get(label)
    if decoder is None or not text.strip():
        return None
    try:
        return decoder(text)
    except ProtocolError as error:
        return MalformedValue(str(error)[:MAX_FAULT_SIZE])


remembered_value = lru_cache(REMEMBERED_VALUES)(decode_value)


def changed_value(label: str, text: str) -> LabelValue | MalformedValue:
    """Return the same for a text that has just changed: a number or a time hardly comes again."""
    if label in CLOCKS:
        return decode_value(label, text)
    unit = UNITS.get(label)
    if unit is None or len(text) > MAX_DIGITS or not (text.isascii() and text.isdecimal()):
        return remembered_value(label, text)
    quantity, scale = unit
    return Measurement(scale * int(text), quantity)
