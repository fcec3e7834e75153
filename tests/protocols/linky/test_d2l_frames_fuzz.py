"""19 000 random inputs, from the segment to the published state: ProtocolError or a value.

The seeds are fixed, so that a failure can be repeated.
"""

import json
from random import Random

import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    decode,
    encode,
)
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.linky_entities import entities
from hems.protocols.linky.linky_state import state
from hems.protocols.linky.meter_reading import parse
from tests.protocols.linky.samples import DEVICE, SAMPLES, payload

CIPHER = D2lCipher(b"k" * 16, b"i" * 16)
PAYLOADS = [payload(sample) for sample in SAMPLES.values()]
SPICE = ['"', "\\", "\\u00e9", "{", "|", "NONUTILE", " ", "9" * 40, "-1", "\0", "é", "²"]


def frame(random: Random, data: bytes) -> bytes:
    return encode(D2lFrame(DEVICE, PayloadType.PUSH_JSON, data, random.randbytes(16)), CIPHER)


def mutated(random: Random, data: bytes) -> bytes:
    """Return `data` after one to three changes: a byte set, a run cut out or put in."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3)):
        at, size = random.randrange(len(changed)), random.randint(0, 4)
        changed[at : at + size] = random.randbytes(random.randint(0, 4))
    return bytes(changed)


def receive(data: bytes) -> int:
    """Take `data` as the server does; return how many readings came out of it."""
    reader = D2lFrameReader()
    reader.receive_data(data)
    readings = 0
    while (whole := reader.next_frame()) is not None:
        reading = parse(fields(decode(whole, CIPHER).payload, DEVICE))
        assert entities(reading)
        json.dumps(state(reading))
        readings += 1
    return readings


def outcomes(inputs: list[bytes]) -> tuple[int, int, int]:
    """Return how many inputs were refused, how many lacked bytes, how many were readings."""
    refused = partial = read = 0
    for data in inputs:
        try:
            readings = receive(data)
        except ProtocolError:
            refused += 1
        else:
            read += bool(readings)
            partial += not readings
    return refused, partial, read


def test_random_bytes() -> None:
    random = Random(1)
    refused, partial, read = outcomes(
        [random.randbytes(random.randrange(120)) for _ in range(6_000)]
    )
    assert refused > 5_800
    assert (partial > 0, read) == (True, 0)


def test_random_bytes_after_a_good_clear_header() -> None:
    random = Random(2)
    header = frame(random, b"")[:16]
    refused, _, read = outcomes([header + random.randbytes(32) for _ in range(4_000)])
    assert refused + read == 4_000
    assert read == 0


def test_mutated_frames() -> None:
    random = Random(3)
    frames = [frame(random, data) for data in PAYLOADS]
    refused, partial, _ = outcomes([mutated(random, random.choice(frames)) for _ in range(4_000)])
    assert refused > 2_000
    assert partial > 20


def test_mutated_payloads_in_good_frames() -> None:
    random = Random(4)
    inputs = [frame(random, mutated(random, random.choice(PAYLOADS))) for _ in range(2_000)]
    refused, partial, read = outcomes(inputs)
    assert read > 1_500
    assert refused > 20
    assert partial == 0


def test_mutated_values_in_good_payloads() -> None:
    random = Random(5)
    inputs = []
    for _ in range(3_000):
        fields = dict(random.choice(list(SAMPLES.values())))
        for label in random.sample(sorted(fields), 3):
            value = fields[label]
            at = random.randint(0, len(value))
            fields[label] = value[:at] + random.choice(SPICE) + value[at + random.randint(0, 2) :]
        inputs.append(frame(random, payload(fields)))
    refused, partial, read = outcomes(inputs)
    assert read > 2_400
    assert refused > 30
    assert partial == 0


@pytest.mark.parametrize("depth", [1_000, 2_000])
def test_deeply_nested_json_is_refused(depth: int) -> None:
    assert outcomes(
        [frame(Random(6), b"[" * depth), frame(Random(6), b'{"a":' * (depth // 5))]
    ) == (
        2,
        0,
        0,
    )
