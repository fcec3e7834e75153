from fastcrc.crc16 import ibm_3740
from hypothesis import given
from hypothesis import strategies as st

from dev.simulator.zigbee.ash_framing import (
    MAX_DATA_SIZE,
    MAX_STUFFED_SIZE,
    AshFrameReader,
    encode,
    whiten,
)

# The frames on the line of UG101, 4.1 and 4.3.
EXAMPLES = {
    b"\xc0": "c0 38 bc 7e",  # RST
    b"\xc1\x02\x02": "c1 02 02 9b 7b 7e",  # RSTACK
    b"\x81": "81 60 59 7e",  # ACK
    b"\xa6": "a6 34 dc 7e",  # NAK
    b"\x25" + whiten(b"\x00\x00\x00\x02"): "25 42 21 a8 56 a6 09 7e",  # data
}
DATA = b"\x25" + bytes((0x7E, 0x7D, 0x11, 0x13, 0x18, 0x1A, 0x00, 0xFF))


def read(*parts: bytes) -> list[bytes | None]:
    reader = AshFrameReader()
    return [frame for part in parts for frame in reader.receive(part)]


def test_frames_are_those_of_the_specification() -> None:
    for frame, line in EXAMPLES.items():
        assert encode(frame) == bytes.fromhex(line)
        assert read(bytes.fromhex(line)) == [frame]


@given(st.binary(min_size=1, max_size=1 + MAX_DATA_SIZE))
def test_every_frame_is_read_back(frame: bytes) -> None:
    line = encode(frame)
    assert read(line) == [frame]
    assert not {0x11, 0x13, 0x18, 0x1A} & {*line}
    assert line.count(0x7E) == 1
    assert whiten(whiten(frame[1:])) == frame[1:]


@given(st.binary(min_size=1, max_size=60).filter(lambda frame: 0x7D not in encode(frame)))
def test_the_check_sum_is_crc_16_ibm_3740(frame: bytes) -> None:
    assert encode(frame) == frame + ibm_3740(frame).to_bytes(2, "big") + b"\x7e"


def test_a_frame_may_come_in_any_two_parts() -> None:
    line = encode(DATA)
    for at in range(len(line)):
        assert read(line[:at], line[at:]) == [DATA]


def test_a_wrong_bit_is_noticed_and_the_next_frame_is_read() -> None:
    line, next_line = encode(DATA), encode(b"\x81")
    for at in range(len(line) - 1):
        for bit in range(8):
            damaged = line[:at] + bytes((line[at] ^ 1 << bit,)) + line[at + 1 :]
            frames = read(damaged, next_line)
            assert DATA not in frames
            assert frames[-1] in (b"\x81", None)  # it may have lost its beginning
            assert read(damaged, b"\x7e", next_line)[-1] == b"\x81"


def test_a_cancel_byte_ends_a_frame_and_a_substitute_byte_spoils_it() -> None:
    line = encode(DATA)
    assert read(line[:5], b"\x1a", line) == [DATA]
    assert read(line[:5], b"\x18", line[5:], line) == [None, DATA]


def test_flow_control_bytes_and_empty_frames_are_ignored() -> None:
    line = encode(DATA)
    assert read(b"\x7e\x7e\x11", line[:4], b"\x13", line[4:]) == [DATA]


def test_an_endless_frame_takes_no_memory() -> None:
    reader = AshFrameReader()
    assert not list(reader.receive(b"x" * 100 * MAX_STUFFED_SIZE))
    assert len(reader._stuffed) <= MAX_STUFFED_SIZE
    assert list(reader.receive(b"\x7e" + encode(DATA))) == [None, DATA]
