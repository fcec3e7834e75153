"""Measure D2L frames per second on one core: decode, read the JSON object, encode the answer.

d2lparser 0.2.4 is measured on the same frames, in the same run and in turns, so that a busy
machine slows both. d2lparser leaves the JSON to its caller. Both sides use the same JSON decoder;
otherwise the ratio would compare JSON libraries (the standard library takes 4 us longer for a
STANDARD frame). d2lparser does not check the CRC; hems does.

linky_readings.py measures what comes after: the typed values, and what is published of them.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from d2lparser import D2LParser

from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    clock_answer,
    decode,
    encode,
)
from hems.protocols.linky.d2l_payload import JSON
from tests.bench.rates import median_rates, timed
from tests.bench.table import Row
from tests.protocols.linky.samples import DEVICE, HISTORIQUE, SINGLE, payload

BUDGET = 6.0
VECTORS: dict[str, str] = json.loads(
    (Path(__file__).parent.parent / "data" / "d2l_vectors.json").read_text()
)
CIPHER = D2lCipher(bytes.fromhex(VECTORS["key"]), bytes.fromhex(VECTORS["iv"]))
D2LPARSER = D2LParser(VECTORS["key"], VECTORS["iv"])


def measure() -> list[Row]:
    """Return one row for each type of frame."""
    frames = {
        "clock": bytes.fromhex(VECTORS["request_clock_hex"]),
        "HISTORIQUE": push(payload(HISTORIQUE)),
        "STANDARD": push(payload(SINGLE)),
    }
    return [row(name, data) for name, data in frames.items()]


def push(data: bytes) -> bytes:
    return encode(D2lFrame(DEVICE, PayloadType.PUSH_JSON, data, bytes(range(16))), CIPHER)


def row(name: str, data: bytes) -> Row:
    ours, theirs = median_rates(timed(lambda: answer(data)), timed(lambda: d2lparser_answer(data)))
    ratio = ours / theirs
    has_budget = name == "STANDARD"
    return Row(
        what=f"D2L codec, {name} frame of {len(data)} B, frames per second",
        value=f"{ours:,.0f} (d2lparser {theirs:,.0f}, ratio {ratio:.1f})",
        budget=f"≥ {BUDGET:g} times d2lparser" if has_budget else "",
        is_met=ratio >= BUDGET if has_budget else None,
    )


def answer(data: bytes) -> bytes:
    """Decode, check and answer one frame, its payload read into strings."""
    request = decode(data, CIPHER)
    if request.payload:
        JSON.decode(request.payload)
    return encode(clock_answer(request, time.time(), os.urandom(16)), CIPHER)


def d2lparser_answer(data: bytes) -> bytes:
    packet = D2LPARSER.parse_request(data)
    if packet.payload:
        JSON.decode(packet.payload)
    return bytes(D2LPARSER.generate_response(packet))
