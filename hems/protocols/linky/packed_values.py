"""Decode the packed values of a STANDARD Linky: status register, relays and day schedules.

STGE, 8 hexadecimal digits, from bit 0:

     0     dry contact open            14-15  distributor index - 1
     1-3   breaker                     16     clock degraded
     4     terminal cover open         17     output in STANDARD mode
     6     overvoltage                 19-20  Euridis output
     7     over the reference power    21-22  power line communication (PLC)
     8     producer                    23     PLC synchronised
     9     negative energy             24-25  Tempo colour of today, 26-27 of tomorrow
    10-13  supplier index - 1          28-29  notice of a peak, 30-31 peak in progress

Source: Enedis-NOI-CPT_54E, sections 6.2.3.14, 6.2.3.19 and 6.2.3.22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import Enum

from hems.errors import ProtocolError
from hems.protocols.linky.tic_value_formats import number

RELAYS = 8
MAX_SLOTS = 11
MAX_INDEX = 10
UNUSED_SLOT = "NONUTILE"
STATUS = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
SLOT = re.compile(r"([0-9]{2})([0-9]{2})([0-9A-Fa-f]{4})", re.ASCII)


class Breaker(Enum):
    """Whether the meter's breaker is closed, or why it opened."""

    CLOSED = 0
    OVER_POWER = 1
    OVERVOLTAGE = 2
    LOAD_SHEDDING = 3
    REMOTE_ORDER = 4
    OVERHEATED_OVER_CURRENT = 5
    OVERHEATED = 6
    UNDEFINED = 7


class EuridisOutput(Enum):
    OFF = 0
    WITHOUT_SECURITY = 1
    UNDEFINED = 2
    WITH_SECURITY = 3


class PlcState(Enum):
    NEW_UNLOCKED = 0
    NEW_LOCKED = 1
    REGISTERED = 2
    UNDEFINED = 3


class TempoColour(Enum):
    NOT_ANNOUNCED = 0
    BLUE = 1
    WHITE = 2
    RED = 3


@dataclass(frozen=True, slots=True)
class StatusRegister:
    """The status register STGE. Indexes count from 1; a peak is 1 to 3, 0 for none."""

    is_dry_contact_open: bool
    breaker: Breaker
    is_cover_open: bool
    has_overvoltage: bool
    is_over_power: bool
    is_producer: bool
    is_energy_negative: bool
    supplier_index: int
    distributor_index: int
    is_clock_degraded: bool
    is_standard: bool
    euridis: EuridisOutput
    plc_state: PlcState
    is_plc_synchronised: bool
    tempo_today: TempoColour
    tempo_tomorrow: TempoColour
    peak_notice: int
    peak: int


@dataclass(frozen=True, slots=True)
class ScheduleSlot:
    """The 16 action bits that apply from a time of day on."""

    begins: time
    actions: int

    @property
    def index(self) -> int | None:
        """Return the tariff index that begins to count, 1 to 10; None if it does not change."""
        index = self.actions & 0xF
        return index if 1 <= index <= MAX_INDEX else None


def status_register(text: str) -> StatusRegister:
    """Return the register STGE. Raises ProtocolError unless it is 8 hexadecimal digits."""
    if not STATUS.fullmatch(text):
        raise ProtocolError(f"status register: found {text!r}, expected 8 hexadecimal digits")
    bits = int(text, 16)

    def field(first: int, width: int = 1) -> int:
        return bits >> first & (1 << width) - 1

    return StatusRegister(
        is_dry_contact_open=bool(field(0)),
        breaker=Breaker(field(1, 3)),
        is_cover_open=bool(field(4)),
        has_overvoltage=bool(field(6)),
        is_over_power=bool(field(7)),
        is_producer=bool(field(8)),
        is_energy_negative=bool(field(9)),
        supplier_index=field(10, 4) + 1,
        distributor_index=field(14, 2) + 1,
        is_clock_degraded=bool(field(16)),
        is_standard=bool(field(17)),
        euridis=EuridisOutput(field(19, 2)),
        plc_state=PlcState(field(21, 2)),
        is_plc_synchronised=bool(field(23)),
        tempo_today=TempoColour(field(24, 2)),
        tempo_tomorrow=TempoColour(field(26, 2)),
        peak_notice=field(28, 2),
        peak=field(30, 2),
    )


def relays(text: str) -> tuple[bool, ...]:
    """Return which of the 8 relays are closed, the dry contact first (RELAIS, decimal mask).

    Raises ProtocolError unless `text` is a number from 0 to 255.
    """
    mask = number(text)
    if mask >= 1 << RELAYS:
        raise ProtocolError(f"relays: found {text!r}, expected 0 to 255")
    return tuple(bool(mask >> relay & 1) for relay in range(RELAYS))


def schedule(text: str) -> tuple[ScheduleSlot, ...]:
    """Return the used slots of a day (`HHMMSSSS`, SSSS hexadecimal), at most 11.

    Raises ProtocolError if a slot is neither that nor `NONUTILE`.
    """
    slots = text.split()
    if len(slots) > MAX_SLOTS:
        raise ProtocolError(f"schedule: found {len(slots)} slots, expected at most {MAX_SLOTS}")
    return tuple(_slot(slot) for slot in slots if slot != UNUSED_SLOT)


def _slot(text: str) -> ScheduleSlot:
    parts = SLOT.fullmatch(text)
    if parts is None or parts[1] > "23" or parts[2] > "59":
        raise ProtocolError(f"slot: found {text!r}, expected HHMM and 4 hexadecimal digits")
    return ScheduleSlot(time(int(parts[1]), int(parts[2])), int(parts[3], 16))
