import contextlib

import pytest

from hems.errors import ProtocolError
from hems.protocols.d2l import Cipher, Frame, PayloadType, encode
from hems.settings.secrets import D2lDevice
from hems.workers.eesmart_d2l.device import REMEMBERED_FRAMES, REPEATS_PER_MINUTE, Device
from hems.workers.eesmart_d2l.refusals import Reason, Refused

KEY, IV = bytes(range(16)), bytes(range(16, 32))
LISTED = D2lDevice(11601000001, KEY, IV)


def frame(number: int = 0, *, is_response: bool = False) -> Frame:
    random = number.to_bytes(16, "little")
    return Frame(LISTED.id, PayloadType.GET_CLOCK, b"", random, is_response=is_response)


def sealed(number: int = 0, *, key: bytes = KEY, is_response: bool = False) -> bytes:
    return encode(frame(number, is_response=is_response), Cipher(key, IV))


def test_an_authentic_frame_is_opened_and_counted() -> None:
    device = Device(LISTED, frames_per_minute=60)
    assert device.open(sealed(), now=5) == (frame(), True)
    assert (device.frames, device.last_frame_at) == (1, 5)


def test_a_response_is_refused() -> None:
    device = Device(LISTED, frames_per_minute=60)
    with pytest.raises(Refused) as raised:
        device.open(sealed(is_response=True), now=0)
    assert raised.value.reason == Reason.RESPONSE


def test_a_burst_is_admitted_and_then_the_rate() -> None:
    device = Device(LISTED, frames_per_minute=30)
    admitted = 0
    for tenth in range(1200):  # two minutes, ten frames a second
        with contextlib.suppress(Refused):
            device.open(sealed(tenth), now=100 + tenth / 10)
            admitted += 1
    assert 30 + 58 <= admitted <= 30 + 60


def test_a_frame_too_many_is_refused() -> None:
    device = Device(LISTED, frames_per_minute=1)
    device.open(sealed(1), now=0)
    with pytest.raises(Refused, match="expected at most 1 a minute") as raised:
        device.open(sealed(2), now=1)
    assert raised.value.reason == Reason.RATE


def test_forged_frames_do_not_use_up_the_allowance() -> None:
    device = Device(LISTED, frames_per_minute=1)
    for _ in range(100):
        with pytest.raises(ProtocolError, match="CRC"):
            device.open(sealed(key=IV), now=0)
    assert device.open(sealed(), now=0) == (frame(), True)


def test_a_frame_sent_again_is_told_and_is_no_sign_of_life() -> None:
    device = Device(LISTED, frames_per_minute=60)
    device.open(sealed(1), now=0)
    assert device.open(sealed(1), now=500) == (frame(1), False)
    assert (device.frames, device.last_frame_at) == (1, 0)


def test_frames_sent_again_have_a_small_allowance_of_their_own() -> None:
    device = Device(LISTED, frames_per_minute=2)
    device.open(sealed(1), now=0)
    for _ in range(REPEATS_PER_MINUTE):
        device.open(sealed(1), now=0)
    with pytest.raises(Refused) as raised:
        device.open(sealed(1), now=0)
    assert raised.value.reason == Reason.RATE
    assert device.open(sealed(2), now=0) == (frame(2), True)


def test_what_is_remembered_is_bounded() -> None:
    device = Device(LISTED, frames_per_minute=10**6)
    for number in range(REMEMBERED_FRAMES + 1):
        assert device.open(sealed(number), now=0)[1]
    assert device.open(sealed(0), now=0)[1]
    assert not device.open(sealed(REMEMBERED_FRAMES), now=0)[1]


def test_no_key_is_shown() -> None:
    assert KEY.hex() not in repr(vars(Device(LISTED, 1))).replace("\\x", "")
