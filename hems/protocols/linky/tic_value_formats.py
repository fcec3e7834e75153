"""Decode single values of the Linky's customer output (TIC), which the D2L sends as strings.

Numbers have leading zeros. Texts are padded with spaces. An empty string means that the meter has
no value. A dated number is `horodate|number`; a horodate is `SAAMMJJhhmmss`. S is H in winter
(UTC+1), E in summer (UTC+2), in lower case while the meter's clock is degraded, and a space when
the meter has no time. The horodate of a dated number may end at the hour.
Source: Enedis-NOI-CPT_54E, sections 6.1.2 and 6.2.1, and samples of the D2L.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import lru_cache

import msgspec

from hems.errors import ProtocolError

MAX_DIGITS = 12
MAX_TEXT_SIZE = 255  # of a state in Home Assistant; the meter's longest text has 32 characters
HORODATE_SIZES = {9, 11, 13}  # to the hour, the minute, the second
REMEMBERED_DAYS = 64
SEASONS = {"H": timezone(timedelta(hours=1)), "E": timezone(timedelta(hours=2))}


class Quantity(Enum):
    """A physical quantity; the value is its unit."""

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


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """A number in the unit of its quantity, and its own time (unix seconds) if it is dated."""

    value: int
    quantity: Quantity
    at: int | None = None


class Horodate(msgspec.Struct, frozen=True, gc=False):
    """A time of the meter's clock: unix seconds, None when the meter has no time."""

    time: int | None
    is_degraded: bool = False


def number(text: str) -> int:
    """Return a decimal number of at most 12 digits. Raises ProtocolError for anything else."""
    digits = text.strip()
    if len(digits) > MAX_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise ProtocolError(f"number: found {text!r}, expected 1 to {MAX_DIGITS} decimal digits")
    return int(digits)


def plain_text(text: str) -> str:
    """Return `text` without outer spaces, and with one space for each inner run of spaces.

    Raises ProtocolError for more than 255 characters.
    """
    if len(text) > MAX_TEXT_SIZE:
        raise ProtocolError(f"text: found {len(text)} characters, expected at most {MAX_TEXT_SIZE}")
    return " ".join(text.split())


def horodate(text: str) -> Horodate:
    """Return the time in `SAAMMJJhh[mm[ss]]`. Raises ProtocolError for any other format."""
    if not text.strip() or text[0] == " ":
        return Horodate(None)
    digits = text[1:]
    if len(text) not in HORODATE_SIZES or not (digits.isascii() and digits.isdecimal()):
        raise ProtocolError(f"horodate: found {text!r}, expected SAAMMJJhhmmss, S one of H E h e")
    clock = digits[6:].ljust(6, "0")
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    if hour > 23 or minute > 59 or second > 59:
        raise ProtocolError(f"horodate: found {text!r}, expected a time of day")
    midnight = _midnight(text[0].upper(), digits[:6])
    return Horodate(midnight + hour * 3600 + minute * 60 + second, text[0].islower())


@lru_cache(REMEMBERED_DAYS)
def _midnight(season: str, day: str) -> int:
    """Return when `day`, AAMMJJ, begins. Raises ProtocolError if there is no such day or season."""
    try:
        zone = SEASONS[season]
        midnight = datetime(2000 + int(day[:2]), int(day[2:4]), int(day[4:]), tzinfo=zone)
    except (KeyError, ValueError):
        raise ProtocolError(
            f"horodate: found {season}{day}, expected H or E and a day AAMMJJ"
        ) from None
    return int(midnight.timestamp())


def measurement(text: str, quantity: Quantity, scale: int = 1) -> Measurement | None:
    """Return the number in `[horodate|]number` times `scale`, None if it is empty.

    Raises ProtocolError if either part is malformed.
    """
    dated, _, digits = text.rpartition("|")
    if not digits.strip():
        return None
    at = horodate(dated).time if dated else None
    return Measurement(scale * number(digits), quantity, at)


def peak_edge(text: str) -> Measurement | None:
    """Return the number and the time in `horodate|number`, of which either part may be missing.

    Raises ProtocolError if either part is malformed.
    """
    dated, separator, digits = text.partition("|")
    if not separator and dated.strip().isdecimal():
        dated, digits = "", dated
    if not dated.strip() and not digits.strip():
        return None
    return Measurement(number(digits.strip() or "0"), Quantity.NUMBER, horodate(dated).time)
