"""Single values of the Linky's customer output (TIC), as the D2L passes them on: strings.

Numbers have leading zeros; texts are padded with runs of spaces; an empty string means
"nothing to say". A dated number is `horodate|number`, the horodate being
`SAAMMJJhhmmss` (S: H winter UTC+1, E summer UTC+2, lower case when the meter's clock is
degraded, a space when there is no time), cut to the hour inside dated numbers.
Source: Enedis-NOI-CPT_54E, sections 6.1.2 and 6.2.1, and samples of the D2L.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from hems.errors import ProtocolError

MAX_DIGITS = 12
HORODATE_SIZE = 13
HORODATE_SIZES = {9, 11, HORODATE_SIZE}  # to the hour, the minute, the second
SEASONS = {"H": timezone(timedelta(hours=1)), "E": timezone(timedelta(hours=2))}


class Quantity(Enum):
    """What a number measures; the value is its unit."""

    ENERGY = "Wh"
    REACTIVE_ENERGY = "VArh"
    POWER = "W"
    APPARENT_POWER = "VA"
    CURRENT = "A"
    VOLTAGE = "V"
    DURATION = "min"
    NUMBER = ""

    @property
    def unit(self) -> str:
        return self.value

    @property
    def is_index(self) -> bool:
        """Tell whether it is a register that only grows as long as the meter lives."""
        return self in {Quantity.ENERGY, Quantity.REACTIVE_ENERGY}


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number in its quantity's unit, and its own time (unix seconds) if it has one."""

    value: int
    quantity: Quantity
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Horodate:
    """A moment of the meter's clock: unix seconds, None when the meter has no time."""

    time: int | None
    is_degraded: bool = False


def number(text: str) -> int:
    """Return a decimal number of at most 12 digits; raise ProtocolError for anything else."""
    digits = text.strip()
    if len(digits) > MAX_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise ProtocolError(f"number {text!r}, expected 1 to {MAX_DIGITS} decimal digits")
    return int(digits)


def plain_text(text: str) -> str:
    """Return `text` without outer spaces, inner runs of spaces made one."""
    return " ".join(text.split())


def horodate(text: str) -> Horodate:
    """Return the moment that `SAAMMJJhh[mm[ss]]` names; raise ProtocolError if it names none."""
    if not text.strip() or text[0] == " ":
        return Horodate(None)
    digits = text[1:]
    zone = SEASONS.get(text[0].upper())
    is_decimal = digits.isascii() and digits.isdecimal()
    if zone is None or len(text) not in HORODATE_SIZES or not is_decimal:
        raise ProtocolError(f"horodate {text!r}, expected SAAMMJJhhmmss with S one of H, E, h, e")
    parts = (int(digits[at : at + 2] or "0") for at in range(0, 12, 2))
    year, month, day, hour, minute, second = parts
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise ProtocolError(f"horodate {text!r}, expected a date and a time of day") from None
    return Horodate(int(moment.timestamp()), text[0].islower())


def measurement(text: str, quantity: Quantity, scale: int = 1) -> Measurement | None:
    """Return the number in `[horodate|]number`, times `scale`, None if there is none.

    Raises ProtocolError if either part is malformed.
    """
    dated, _, digits = text.rpartition("|")
    if not digits.strip():
        return None
    return Measurement(scale * number(digits), quantity, horodate(dated).time)
