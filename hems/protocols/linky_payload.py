"""The JSON object that the D2L pushes: flat, every value a string, within bounds.

`_TYPE_TRAME`, `_ID_D2L`, `_DATE_FIRMWARE` and, in HISTORIQUE, `_HORLOGE` are the D2L's own;
all the others are labels of the meter, of which the D2L spells a few its own way.
"""

from __future__ import annotations

import msgspec

from hems.errors import ProtocolError
from hems.protocols.d2l import format_id

MAX_KEYS = 128
MAX_KEY_SIZE = 32
MAX_VALUE_SIZE = 256
SPELLINGS = {"SINST1": "SINSTS1", "SINST2": "SINSTS2", "SINST3": "SINSTS3"}  # D2L's: Enedis's
JSON = msgspec.json.Decoder(dict[str, str])


def fields(payload: bytes, device_id: int) -> dict[str, str]:
    """Return the strings by label, in Enedis's spelling, of a frame sent by `device_id`.

    Raises ProtocolError if it is no object of strings, one of at most 128 keys of 32 and
    values of 256 characters, or names another sender.
    """
    try:
        found = JSON.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"payload is no JSON object of strings: {error}") from None
    _check_bounds(found)
    sender, expected = found.get("_ID_D2L", ""), format_id(device_id)
    if sender != expected:
        raise ProtocolError(f"_ID_D2L {sender[:20]!r}, expected {expected} as in the header")
    for spelling in SPELLINGS.keys() & found.keys():
        found.setdefault(SPELLINGS[spelling], found.pop(spelling))
    return found


def _check_bounds(found: dict[str, str]) -> None:
    if len(found) > MAX_KEYS:
        raise ProtocolError(f"{len(found)} keys, expected at most {MAX_KEYS}")
    longest_key = max(map(len, found), default=0)
    longest_value = max(map(len, found.values()), default=0)
    if longest_key > MAX_KEY_SIZE or longest_value > MAX_VALUE_SIZE:
        raise ProtocolError(
            f"key of {longest_key} and value of {longest_value} characters, "
            f"expected at most {MAX_KEY_SIZE} and {MAX_VALUE_SIZE}"
        )
