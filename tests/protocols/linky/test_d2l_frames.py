import json
from pathlib import Path

import pytest
from fastcrc.crc16 import modbus
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hems.errors import ProtocolError
from hems.protocols.linky import d2l_frames
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    decode,
    encode,
)

DATA = Path(__file__).parents[2] / "data"
VECTORS: dict[str, str] = json.loads((DATA / "d2l_vectors.json").read_text())
CIPHER = D2lCipher(bytes.fromhex(VECTORS["key"]), bytes.fromhex(VECTORS["iv"]))
DEVICE = 11601000001
RANDOM = bytes(range(16))
CLOCK = 37537473  # the seconds since 2016 in the vector file's answers
CLOCK_UNIX = 1489143873  # 2017-03-10T11:04:33Z

REQUEST = bytes.fromhex(VECTORS["request_clock_hex"])
PUSH = bytes.fromhex(VECTORS["synthetic_push_exact_multiple_nopad_hex"])
ANSWERS = {
    kind: bytes.fromhex(VECTORS[f"synthetic_response_type{kind}_clock37537473_rnd000102..0f_hex"])
    for kind in (3, 5, 7)
}
EVERY_VECTOR = [bytes.fromhex(text) for name, text in VECTORS.items() if name.endswith("_hex")]

frames = st.builds(
    D2lFrame,
    device_id=st.integers(0, 2**64 - 1),
    type=st.integers(0, 127),
    payload=st.binary(max_size=d2l_frames.MAX_PAYLOAD_SIZE),
    random=st.binary(min_size=16, max_size=16),
    is_response=st.booleans(),
    has_error=st.booleans(),
    next_command=st.integers(0, 127),
)


def test_the_vendors_clock_request_decodes() -> None:
    frame = decode(REQUEST, CIPHER)
    assert (frame.device_id, frame.type, frame.payload) == (DEVICE, PayloadType.GET_CLOCK, b"")
    assert (frame.is_response, frame.has_error, frame.next_command) == (False, False, 0)


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_clock_answer_of_each_type_is_the_vectors(kind: int) -> None:
    request = D2lFrame(DEVICE, kind, b"", RANDOM)
    assert (
        encode(d2l_frames.clock_answer(request, CLOCK_UNIX + 0.9, RANDOM), CIPHER) == ANSWERS[kind]
    )


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_answers_of_the_vectors_decode(kind: int) -> None:
    frame = decode(ANSWERS[kind], CIPHER)
    assert (frame.type, frame.is_response, frame.random) == (kind, True, RANDOM)
    assert d2l_frames.decode_clock(frame.payload) == CLOCK_UNIX == d2l_frames.CLOCK_EPOCH + CLOCK


def test_a_superfluous_block_of_padding_is_accepted() -> None:
    padded = bytes.fromhex(VECTORS["synthetic_push_exact_multiple_16pad_hex"])
    assert decode(padded, CIPHER) == decode(PUSH, CIPHER)
    assert len(padded) == len(PUSH) + 16


def test_the_encoder_pads_no_more_than_needed() -> None:
    assert encode(decode(PUSH, CIPHER), CIPHER) == PUSH


def test_the_padding_is_covered_by_the_crc() -> None:
    clear = REQUEST[:16] + CIPHER.decrypt(REQUEST[16:])
    assert clear[38:] == bytes(10)
    tampered = clear[:47] + b"\1"
    with pytest.raises(ProtocolError, match="CRC"):
        decode(tampered[:16] + CIPHER.encrypt(tampered[16:]), CIPHER)


def test_a_payload_that_overruns_its_frame_is_refused() -> None:
    inner = b"\x0b\x00\x05\x00" + bytes(10)
    crc = modbus(REQUEST[:16] + RANDOM + inner).to_bytes(2, "little")
    with pytest.raises(ProtocolError, match="payload: found 11 bytes, expected at most 10"):
        decode(REQUEST[:16] + CIPHER.encrypt(RANDOM + crc + inner), CIPHER)


@pytest.mark.parametrize("data", EVERY_VECTOR)
def test_every_single_bit_flip_is_refused(data: bytes) -> None:
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProtocolError):
            decode(bytes(flipped), CIPHER)


def test_every_single_byte_corruption_of_the_request_is_refused() -> None:
    for offset in range(len(REQUEST)):
        for change in range(1, 256):
            corrupt = bytearray(REQUEST)
            corrupt[offset] ^= change
            with pytest.raises(ProtocolError):
                decode(bytes(corrupt), CIPHER)


@pytest.mark.parametrize("data", EVERY_VECTOR)
def test_every_truncation_is_refused(data: bytes) -> None:
    for length in range(len(data)):
        with pytest.raises(ProtocolError):
            decode(data[:length], CIPHER)


def test_a_wrong_key_is_a_wrong_crc() -> None:
    with pytest.raises(ProtocolError, match="CRC"):
        decode(REQUEST, D2lCipher(bytes(16), bytes.fromhex(VECTORS["iv"])))


def test_a_cipher_shows_neither_key_nor_iv() -> None:
    text = repr(CIPHER) + str(vars(CIPHER))
    assert VECTORS["key"] not in text
    assert VECTORS["iv"] not in text
    assert repr(bytes.fromhex(VECTORS["key"])) not in text


def test_a_frame_does_not_show_its_payload() -> None:
    assert "12345678901234" not in repr(D2lFrame(1, 3, b'{"PRM":"12345678901234"}', RANDOM))


@given(frames)
def test_decode_gives_back_what_encode_took(frame: D2lFrame) -> None:
    data = encode(frame, CIPHER)
    assert decode(data, CIPHER) == frame
    assert d2l_frames.device_id(data) == frame.device_id
    assert len(data) % 16 == 0
    assert 0 <= len(data) - 38 - len(frame.payload) < 16


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_decode(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data, CIPHER)


def test_what_does_not_fit_the_format_is_not_encoded() -> None:
    frame = D2lFrame(1, 3, bytes(d2l_frames.MAX_PAYLOAD_SIZE), RANDOM)
    assert len(encode(frame, CIPHER)) == d2l_frames.MAX_FRAME_SIZE
    with pytest.raises(ProtocolError, match="4059"):
        encode(replace(frame, payload=frame.payload + b" "), CIPHER)
    with pytest.raises(ProtocolError, match="random of 15"):
        encode(replace(frame, random=RANDOM[1:]), CIPHER)


@pytest.mark.parametrize(
    "unix_time", [0, d2l_frames.CLOCK_EPOCH - 1, d2l_frames.CLOCK_EPOCH + 2**32]
)
def test_a_clock_that_cannot_be_sent_is_refused(unix_time: int) -> None:
    with pytest.raises(ProtocolError, match="expected 2016 to 2152"):
        d2l_frames.clock_answer(decode(REQUEST, CIPHER), unix_time, RANDOM)


@pytest.mark.parametrize("seconds", [0, 2**32 - 1])
def test_the_first_and_the_last_time_can_be_sent(seconds: int) -> None:
    unix_time = d2l_frames.CLOCK_EPOCH + seconds
    answer = d2l_frames.clock_answer(decode(REQUEST, CIPHER), unix_time, RANDOM)
    assert d2l_frames.decode_clock(answer.payload) == unix_time


@pytest.mark.parametrize("payload", [b"", b"123", b"12345"])
def test_a_clock_of_another_size_is_refused(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match="expected 4"):
        d2l_frames.decode_clock(payload)


def test_an_id_is_printed_with_twelve_digits() -> None:
    assert d2l_frames.format_id(DEVICE) == "011601000001"
