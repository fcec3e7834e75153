from dev.simulator.zigbee.ezsp_response_frames import EzspFrames


def test_callbacks_follow_the_answer_and_have_its_number() -> None:
    sent: list[bytes] = []
    frames = EzspFrames(sent.append)
    for number in (0x42, 0x43):
        frames.begin_answer(number)
        frames.call_back(0x0019, b"\x90")
        assert sent == []
        frames.answer(0x0117, b"\x01\x02")
        frames.call_back(0x0045, b"")
        assert sent == [
            bytes((number, 0x80, 0x01)) + b"\x17\x01\x01\x02",
            bytes((number, 0x90, 0x01)) + b"\x19\x00\x90",
            bytes((number, 0x90, 0x01)) + b"\x45\x00",
        ]
        sent.clear()


def test_the_first_version_is_answered_in_the_old_form() -> None:
    sent: list[bytes] = []
    frames = EzspFrames(sent.append)
    frames.begin_answer(0x07)
    frames.answer_old_version(b"\x0d\x02\x30\x74")
    assert sent == [b"\x07\x80\x00\x0d\x02\x30\x74"]
