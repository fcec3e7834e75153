import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frame_reader import MAX_BUFFER_SIZE, D2lFrameReader
from hems.protocols.linky.d2l_frames import D2lFrame, decode, encode
from tests.protocols.linky.test_d2l_frames import CIPHER, PUSH, REQUEST, frames


def drained(reader: D2lFrameReader) -> list[bytes]:
    return list(iter(reader.next_frame, None))


def test_the_reader_waits_for_a_whole_frame_whatever_the_cut() -> None:
    for cut in range(1, len(PUSH)):
        reader = D2lFrameReader()
        reader.receive_data(PUSH[:cut])
        assert reader.next_frame() is None
        assert reader.has_partial
        reader.receive_data(PUSH[cut:])
        assert drained(reader) == [PUSH]
        assert not reader.has_partial


def test_the_reader_takes_single_bytes() -> None:
    reader = D2lFrameReader()
    frames = []
    for byte in REQUEST + PUSH:
        reader.receive_data(bytes([byte]))
        frames += drained(reader)
    assert frames == [REQUEST, PUSH]


def test_the_reader_cuts_several_frames_out_of_one_segment() -> None:
    reader = D2lFrameReader()
    reader.receive_data(REQUEST + PUSH + REQUEST + PUSH[:20])
    assert drained(reader) == [REQUEST, PUSH, REQUEST]
    assert reader.has_partial


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("02", "version 02"),
        ("0301", "version 0301"),
        ("03002f00", "frame size: found 47"),
        ("03002000", "frame size: found 32"),
        ("03000000", "frame size: found 0"),
        ("03000110", "frame size: found 4097"),
        ("03001010", "frame size: found 4112"),
        ("03003000 413679b302000000 02", "method 02"),
        ("03003000 413679b302000000 09", "method 09"),
        ("03003000 413679b302000000 0101", "method 0101"),
        ("03003000 413679b302000000 010001", "method 010001"),
        ("03003000 413679b302000000 01000080", "method 01000080"),
    ],
)
def test_the_reader_refuses_a_bad_header_at_its_first_bad_byte(header: str, reason: str) -> None:
    data = bytes.fromhex(header)
    reader = D2lFrameReader()
    for byte in data[:-1]:
        reader.receive_data(bytes([byte]))
        assert reader.next_frame() is None
    reader.receive_data(data[-1:])
    with pytest.raises(ProtocolError, match=reason):
        reader.next_frame()


def test_a_reader_that_refused_once_refuses_for_ever() -> None:
    reader = D2lFrameReader()
    reader.receive_data(REQUEST + b"GET / HTTP/1.1")
    assert reader.next_frame() == REQUEST
    for _ in range(2):
        with pytest.raises(ProtocolError, match="version 4745"):
            reader.next_frame()
    with pytest.raises(ProtocolError, match="version 4745"):
        reader.receive_data(REQUEST)


def test_the_readers_buffer_is_bounded() -> None:
    reader = D2lFrameReader()
    reader.receive_data(REQUEST + bytes(MAX_BUFFER_SIZE - len(REQUEST)))
    with pytest.raises(ProtocolError, match="found 1 more bytes, expected at most 65536 unread"):
        reader.receive_data(b"\3")
    with pytest.raises(ProtocolError, match="unread"):
        reader.next_frame()


@given(st.lists(frames, max_size=3), st.data())
def test_any_frames_in_any_segments_come_out_in_order(
    sent: list[D2lFrame], data: st.DataObject
) -> None:
    stream = b"".join(encode(frame, CIPHER) for frame in sent)
    reader = D2lFrameReader()
    received = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        reader.receive_data(stream[:size])
        stream = stream[size:]
        received += drained(reader)
    assert [decode(frame, CIPHER) for frame in received] == sent
