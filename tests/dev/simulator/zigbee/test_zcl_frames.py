import pytest

from dev.simulator.zigbee import zcl_frames
from dev.simulator.zigbee.zcl_frames import ZclFrame

READ_SUMMATION = b"\x00\x2a\x00\x00\x00"
OF_A_MANUFACTURER = b"\x1c\x86\x12\x2b\x0a\x01"


def test_frames_are_read_and_written() -> None:
    assert zcl_frames.decode(READ_SUMMATION) == ZclFrame(0, 0x2A, 0, b"\x00\x00")
    assert zcl_frames.decode(OF_A_MANUFACTURER) == ZclFrame(0x1C, 0x2B, 0x0A, b"\x01", b"\x86\x12")
    for message in (READ_SUMMATION, OF_A_MANUFACTURER):
        assert zcl_frames.decode(message).encode() == message
        for size in range(3):
            with pytest.raises(IndexError):
                zcl_frames.decode(message[:size])


def test_an_answer_goes_in_the_other_direction() -> None:
    question = zcl_frames.decode(READ_SUMMATION)
    assert question.answer(1, b"\x86").encode() == b"\x18\x2a\x01\x86"
    report = zcl_frames.decode(OF_A_MANUFACTURER)
    assert report.answer(0x0B, b"").encode() == b"\x14\x86\x12\x2b\x0b"


def test_a_default_response_is_sent_if_it_is_wanted_or_an_error() -> None:
    question = zcl_frames.decode(READ_SUMMATION)
    [wanted] = question.default_response(zcl_frames.SUCCESS)
    assert wanted.encode() == b"\x18\x2a\x0b\x00\x00"
    unwanted = ZclFrame(zcl_frames.DISABLE_DEFAULT_RESPONSE, 1, 7, b"")
    assert unwanted.default_response(zcl_frames.SUCCESS) == []
    [error] = unwanted.default_response(zcl_frames.UNKNOWN_COMMAND)
    assert error.encode() == b"\x18\x01\x0b\x07\x81"
