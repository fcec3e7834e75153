"""How long a guess takes at the permitted rate, and who is not affected by it."""

from collections.abc import Callable

import pytest

from hems.workers.eesmart_d2l.wrong_frame_limits import MOST_ADDRESSES, WrongFrames

DAY_S, GUESSES = 86400, 65536
DONGLE, OWN = 11601000001, "192.168.1.7"
ATTACKERS: dict[str, Callable[[int], str]] = {
    "one address": lambda _: "192.168.1.66",
    "a whole network": lambda n: f"192.168.1.{n % 254}",
    "more addresses than the table has": lambda n: f"10.{n >> 8 & 255}.{n & 255}.1",
}


def tries_of(address: Callable[[int], str], wrong_frames: WrongFrames, seconds: int) -> int:
    """Return how many of ten wrong frames a second may count."""
    tries = 0
    for n in range(10 * seconds):
        if wrong_frames.has_try(address(n), DONGLE, n / 10):
            tries += 1
        wrong_frames.count_wrong(address(n), DONGLE, n / 10)
    return tries


@pytest.mark.parametrize("address", ATTACKERS.values(), ids=ATTACKERS.keys())
def test_a_guess_takes_more_than_a_day(address: Callable[[int], str]) -> None:
    wrong_frames = WrongFrames()
    at_once = tries_of(address, wrong_frames, 600)
    more = tries_of(address, wrong_frames, 600)
    of_a_day = at_once + (DAY_S - 600) / 600 * more
    assert of_a_day < GUESSES / 4
    assert len(wrong_frames._addresses) <= MOST_ADDRESSES


def test_a_dongle_keeps_its_tries_while_others_guess() -> None:
    wrong_frames = WrongFrames()
    wrong_frames.know(OWN, DONGLE)
    tries_of(ATTACKERS["a whole network"], wrong_frames, 300)
    assert not wrong_frames.has_try("192.168.1.250", DONGLE, 300.0)
    assert wrong_frames.has_try(OWN, DONGLE, 300.0)
    assert wrong_frames.has_try("192.168.1.250", DONGLE + 1, 300.0)


def test_a_noisy_link_is_never_locked_out() -> None:
    wrong_frames = WrongFrames()
    for n in range(10_000):  # one a second, every second one is spoilt
        assert wrong_frames.has_try(OWN, DONGLE, float(n))
        if n % 2:
            wrong_frames.count_wrong(OWN, DONGLE, float(n))
        else:
            wrong_frames.count_authentic(OWN)
            wrong_frames.know(OWN, DONGLE)


def test_only_the_newest_addresses_of_a_dongle_are_its_own() -> None:
    wrong_frames = WrongFrames()
    for address in ("a", "b", "c"):
        wrong_frames.know(address, DONGLE)
    tries_of(lambda n: f"10.0.0.{n % 200}", wrong_frames, 300)
    allowed = [wrong_frames.has_try(one, DONGLE, 300.0) for one in ("a", "b", "c")]
    assert allowed == [False, True, True]


def test_unknown_devices_use_up_the_tries_of_an_address() -> None:
    wrong_frames = WrongFrames()
    counted = sum(wrong_frames.count_unknown("10.0.0.1", 0.0) for _ in range(1000))
    assert counted == 200
    assert not wrong_frames.has_try("10.0.0.1", DONGLE, 0.0)
    assert wrong_frames.count_unknown("10.0.0.2", 0.0)
