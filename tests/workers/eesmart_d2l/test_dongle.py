import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import D2lCipher, D2lFrame, PayloadType, encode
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.dongle import (
    EXCESS_S,
    LONGEST_PAUSE_S,
    REMEMBERED_FRAMES,
    REPEATS_PER_MINUTE,
    Dongle,
    ReceivedFrame,
)
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason

KEY, IV = bytes(range(16)), bytes(range(16, 32))
LISTED = D2lDevice(11601000001, KEY, IV)


def frame(number: int = 0, *, is_response: bool = False) -> D2lFrame:
    random = number.to_bytes(16, "little")
    return D2lFrame(LISTED.id, PayloadType.GET_CLOCK, b"", random, is_response=is_response)


def sealed(number: int = 0, *, key: bytes = KEY, is_response: bool = False) -> bytes:
    return encode(frame(number, is_response=is_response), D2lCipher(key, IV))


def test_an_authentic_frame_is_opened_and_counted() -> None:
    dongle = Dongle(LISTED, frames_per_minute=60)
    assert dongle.open(sealed(), now=5) == ReceivedFrame(dongle, frame(), is_new=True, pause_s=0)
    assert (dongle.frames, dongle.last_frame_at) == (1, 5)


def test_a_response_is_refused() -> None:
    dongle = Dongle(LISTED, frames_per_minute=60)
    with pytest.raises(FrameRefused) as raised:
        dongle.open(sealed(is_response=True), now=0)
    assert raised.value.reason == RefusalReason.RESPONSE


def test_a_burst_is_within_the_limit_and_then_the_rate() -> None:
    dongle = Dongle(LISTED, frames_per_minute=30)
    opened = [dongle.open(sealed(tenth), now=100 + tenth / 10) for tenth in range(1200)]
    within = sum(not one.is_excess for one in opened)  # two minutes, ten frames a second
    assert 30 + 58 <= within <= 30 + 60
    assert all(one.is_new for one in opened)


def test_each_frame_too_many_waits_longer_and_none_once_the_flood_is_over() -> None:
    dongle = Dongle(LISTED, frames_per_minute=1)
    for begin in (0, 600):
        pauses = [dongle.open(sealed(begin + n), now=begin).pause_s for n in range(100)]
        assert pauses[0] == 0
        assert pauses[1:] == pytest.approx([EXCESS_S * n for n in range(1, 100)])
        later = dongle.open(sealed(begin + 100), now=begin + 30)
        assert later.pause_s == pytest.approx(EXCESS_S)


@pytest.mark.parametrize("is_repeated", [False, True])
def test_no_frame_waits_longer_than_a_dongle(*, is_repeated: bool) -> None:
    dongle = Dongle(LISTED, frames_per_minute=1)
    numbers = [0 if is_repeated else number for number in range(1000)]
    pauses = [dongle.open(sealed(number), now=0).pause_s for number in numbers]
    assert max(pauses) == LONGEST_PAUSE_S


def test_forged_frames_do_not_use_up_the_allowance() -> None:
    dongle = Dongle(LISTED, frames_per_minute=1)
    for _ in range(100):
        with pytest.raises(ProtocolError, match="CRC"):
            dongle.open(sealed(key=IV), now=0)
    assert dongle.open(sealed(), now=0).pause_s == 0


def test_a_frame_sent_again_is_told_and_is_no_sign_of_life() -> None:
    dongle = Dongle(LISTED, frames_per_minute=60)
    dongle.open(sealed(1), now=0)
    assert not dongle.open(sealed(1), now=500).is_new
    assert (dongle.frames, dongle.last_frame_at) == (1, 0)


def test_frames_sent_again_have_a_small_allowance_of_their_own() -> None:
    dongle = Dongle(LISTED, frames_per_minute=2)
    dongle.open(sealed(1), now=0)
    repeats = [dongle.open(sealed(1), now=0) for _ in range(REPEATS_PER_MINUTE + 2)]
    assert [one.is_excess for one in repeats] == [False] * REPEATS_PER_MINUTE + [True] * 2
    assert not any(one.is_new for one in repeats)
    assert not dongle.open(sealed(2), now=0).is_excess


def test_what_is_remembered_is_bounded() -> None:
    dongle = Dongle(LISTED, frames_per_minute=10**6)
    for number in range(REMEMBERED_FRAMES + 1):
        assert dongle.open(sealed(number), now=0).is_new
    assert dongle.open(sealed(0), now=0).is_new
    assert not dongle.open(sealed(REMEMBERED_FRAMES), now=0).is_new


def test_no_key_is_shown() -> None:
    assert KEY.hex() not in repr(vars(Dongle(LISTED, 1))).replace("\\x", "")
