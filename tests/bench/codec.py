"""Frames a second of one core: decode, read the JSON object, encode the clock's answer.

Beside it d2lparser 0.2.4, on the same frames, in the same run and in turns, so that a
busy machine slows both. d2lparser leaves the JSON to its caller: both sides are given
the same decoder, or the ratio would compare JSON libraries (the standard library's takes
4 us more of a STANDARD frame). d2lparser does not check the CRC; hems does.

The last rows are no codec and have no counterpart in d2lparser: all that the server does
before it answers (bounds and sender checked, too), and with the typed Reading that it
builds after the answer.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from timeit import Timer

from d2lparser import D2LParser

from hems.protocols.d2l import Cipher, Frame, PayloadType, clock_answer, decode, encode
from hems.protocols.linky import parse
from hems.protocols.linky_payload import JSON, fields
from tests.bench.table import Row
from tests.protocols.samples import DEVICE, HISTORIQUE, SINGLE, payload

REPETITIONS = 25
SLICE_S = 0.02  # of each codec's turns
BUDGET = 6.0
VECTORS: dict[str, str] = json.loads(
    (Path(__file__).parent.parent / "data" / "d2l_vectors.json").read_text()
)
CIPHER = Cipher(bytes.fromhex(VECTORS["key"]), bytes.fromhex(VECTORS["iv"]))
D2LPARSER = D2LParser(VECTORS["key"], VECTORS["iv"])


def measure() -> list[Row]:
    """Return one row for each type of frame."""
    frames = {
        "clock": bytes.fromhex(VECTORS["request_clock_hex"]),
        "HISTORIQUE": push(payload(HISTORIQUE)),
        "STANDARD": push(payload(SINGLE)),
    }
    return [*(row(name, data) for name, data in frames.items()), *server_rows(frames["STANDARD"])]


def push(data: bytes) -> bytes:
    return encode(Frame(DEVICE, PayloadType.PUSH_JSON, data, bytes(range(16))), CIPHER)


def row(name: str, data: bytes) -> Row:
    ours, theirs = best_rates(lambda: answer(data), lambda: d2lparser_answer(data))
    ratio = ours / theirs
    has_budget = name == "STANDARD"
    return Row(
        what=f"D2L codec, {name} {len(data)} B, frames/s",
        value=f"{ours:,.0f} (d2lparser {theirs:,.0f}, ratio {ratio:.1f})",
        budget=f"≥ {BUDGET:g} times d2lparser" if has_budget else "",
        is_met=ratio >= BUDGET if has_budget else None,
    )


def server_rows(data: bytes) -> list[Row]:
    checked, published = best_rates(lambda: checked_answer(data), lambda: reading(data))
    what = f"STANDARD {len(data)} B, frames/s"
    return [
        Row(f"D2L codec with the payload's checks, {what}", f"{checked:,.0f}"),
        Row(f"the same and the Reading, {what}", f"{published:,.0f}"),
    ]


def answer(data: bytes) -> bytes:
    """Decode, check and answer one frame, its payload read into strings."""
    request = decode(data, CIPHER)
    if request.payload:
        JSON.decode(request.payload)
    return encode(clock_answer(request, time.time(), os.urandom(16)), CIPHER)


def checked_answer(data: bytes) -> bytes:
    request = decode(data, CIPHER)
    fields(request.payload, request.device_id)
    return encode(clock_answer(request, time.time(), os.urandom(16)), CIPHER)


def reading(data: bytes) -> bytes:
    request = decode(data, CIPHER)
    parse(fields(request.payload, request.device_id))
    return encode(clock_answer(request, time.time(), os.urandom(16)), CIPHER)


def d2lparser_answer(data: bytes) -> bytes:
    packet = D2LPARSER.parse_request(data)
    if packet.payload:
        JSON.decode(packet.payload)
    return bytes(D2LPARSER.generate_response(packet))


def best_rates(*codecs: Callable[[], bytes]) -> list[float]:
    """Return each codec's calls a second in its best of 25 turns of about 20 ms."""
    timers = [Timer(codec) for codec in codecs]
    counts = [max(1, int(SLICE_S / timer.timeit(20) * 20)) for timer in timers]
    best = [0.0] * len(timers)
    for _ in range(REPETITIONS):
        for i, (timer, count) in enumerate(zip(timers, counts, strict=True)):
            best[i] = max(best[i], count / timer.timeit(count))
    return best
