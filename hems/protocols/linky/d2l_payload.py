"""Decode the payload of a D2L frame: a flat JSON object of strings.

The D2L adds `_TYPE_TRAME`, `_ID_D2L`, `_DATE_FIRMWARE` and, in HISTORIQUE, `_HORLOGE`. All other
keys are labels of the meter; the D2L spells a few of them differently. The size of a frame limits
the number of keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.errors import ProtocolError
from hems.protocols.json_decoding import MALFORMED
from hems.protocols.linky.d2l_frames import format_id
from hems.protocols.linky.labels import SPELLINGS
from hems.protocols.linky.payload_salvage import salvage

QUOTES_OF_A_PAIR = 4
JSON = msgspec.json.Decoder(dict[str, str])


class D2lPayload(msgspec.Struct, frozen=True):
    """The strings of a payload by label, in Enedis's spelling.

    `faults`: why a label has no string. The key "payload" is a fault of the whole.
    """

    strings: Mapping[str, str]
    faults: Mapping[str, str]


def fields(payload: bytes, device_id: int) -> D2lPayload:
    """Return what is certain in the payload of an authentic frame from `device_id`.

    Raises ProtocolError if nothing is, or if the payload names another sender. A payload without a
    sender is the device's own, because only the device has the frame's key.
    """
    strings, faults = _strings(payload)
    if not strings:
        raise ProtocolError(f"payload: found no string with a label in {len(payload)} bytes")
    sender, expected = strings.get("_ID_D2L", ""), format_id(device_id)
    if sender not in {expected, ""}:
        raise ProtocolError(f"_ID_D2L: found {sender[:20]!r}, expected {expected} as in the header")
    missing = {key: "missing" for key in ("_TYPE_TRAME", "_ID_D2L") if not strings.get(key)}
    for spelling in SPELLINGS.keys() & strings.keys():
        strings.setdefault(SPELLINGS[spelling], strings.pop(spelling))
    return D2lPayload(strings, missing | faults)


def _strings(payload: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the strings of `payload` by key, and why a key has none."""
    try:
        strings = JSON.decode(payload)
    except MALFORMED:
        strings = {}
    if payload.count(b'"') == QUOTES_OF_A_PAIR * len(strings):
        return strings, {}
    salvaged = salvage(payload)  # also if a key was sent twice, of which JSON keeps only the last
    return salvaged.strings, salvaged.faults
