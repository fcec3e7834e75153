from concurrent.futures import Executor

import pytest

from hems.protocols.watchdog_state import Internet
from hems.workers.led.meaning import HomeAssistant, Seen
from hems.workers.led.rounds import STUCK_S, Rounds
from tests.fakes.led import Immediately, Never


class Counting:
    def __init__(self) -> None:
        self.looks = 0

    def look(self) -> Seen:
        self.looks += 1
        return Seen(HomeAssistant.ANSWERS, Internet.ONLINE, given_up=(str(self.looks),))


@pytest.fixture
def counting() -> Counting:
    return Counting()


def rounds(counting: Counting, background: Executor) -> Rounds:
    return Rounds(counting.look, 10.0, background)


def test_a_look_begins_every_interval(counting: Counting) -> None:
    asked = rounds(counting, Immediately())
    looks = []
    for now in range(100, 131):
        asked.advance(float(now))
        looks.append(counting.looks)
    assert looks == [1] * 10 + [2] * 10 + [3] * 10 + [4]


def test_the_newest_result_is_kept(counting: Counting) -> None:
    asked = rounds(counting, Immediately())
    assert asked.newest is None
    for now in (100.0, 101.0, 110.0, 111.0):
        asked.advance(now)
    assert asked.newest is not None
    assert asked.newest.given_up == ("2",)


def test_there_is_one_look_at_a_time(counting: Counting) -> None:
    submitted = []

    class Counted(Never):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            submitted.append(args)
            return super().submit(*args, **kwargs)

    asked = rounds(counting, Counted())
    for now in range(100, 1000):
        asked.advance(float(now))
    assert len(submitted) == 1


def test_a_look_that_never_ends_is_noticed(counting: Counting) -> None:
    asked = rounds(counting, Never())
    asked.advance(100.0)
    assert not asked.is_stuck(100.0 + STUCK_S)
    assert asked.is_stuck(100.1 + STUCK_S)


def test_between_two_looks_nothing_is_stuck(counting: Counting) -> None:
    asked = Rounds(counting.look, 3600.0, Immediately())
    asked.advance(100.0)
    asked.advance(101.0)
    assert not asked.is_stuck(3000.0)


def test_a_bug_in_a_look_comes_out() -> None:
    def look() -> Seen:
        raise KeyError("bug")

    asked = Rounds(look, 10.0, Immediately())
    asked.advance(100.0)
    with pytest.raises(KeyError):
        asked.advance(101.0)
