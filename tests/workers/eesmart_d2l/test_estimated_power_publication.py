"""The estimated power is unknown as soon as no newer accepted total supports it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from hems.protocols.linky.d2l_frames import PayloadType
from hems.workers.eesmart_d2l.refused_frames import FrameRefused
from tests.fakes.linky import NOON
from tests.workers.eesmart_d2l.published import RETAINED, STATE, Published

DAY_S = 86_400
YEARS_10_S = 3650 * DAY_S


class Home:
    """A meter that counts 20 Wh a minute, and one frame after the other of it."""

    def __init__(self, interval_s: int = 60) -> None:
        self.published = Published()
        self._interval_s = interval_s
        self._number = -1

    def push(self, *, late_s: float = 0, error_s: int = 0, jump_wh: int = 0) -> None:
        """Let the next frame arrive; its clock is wrong by `error_s`, its index by `jump_wh`."""
        self._next(late_s)
        at = self._number * self._interval_s
        east = 5_000_000 + at // 3 + jump_wh
        with contextlib.suppress(FrameRefused):
            self.published.take(time=NOON + at + error_s, EAST=east, EASF01=east)

    def push_without_total(self) -> None:
        """Let the next frame have no register, as a short frame of a three-phase meter."""
        self._next()
        self.published.take(time=NOON + self._number * self._interval_s, SINSTS=930)

    def push_malformed(self) -> None:
        """Let the next frame have a payload in which nothing is certain."""
        self._next()
        self.published.frame()

    def ask(self, kind: PayloadType) -> None:
        self.published.frame(kind)

    def wait(self, seconds: float) -> None:
        """Let this time pass without a frame, and let the worker look as often as it does."""
        clock = self.published.clock
        for _ in range(round(seconds)):
            clock.now += 1
            self.look()

    def look(self) -> None:
        one = self.published
        one.publication.forget_old_power(one.dongle, one.clock.now)

    @property
    def power(self) -> int | None:
        power: int | None = self.published.newest(STATE)["power_estimated"]
        return power

    def _next(self, late_s: float = 0) -> None:
        self._number += 1
        self.published.clock.now = self._number * self._interval_s + late_s
        self.look()


def home(interval_s: int = 60) -> Home:
    """Return a home whose power is known."""
    one = Home(interval_s)
    for _ in range(3):
        one.push()
    assert one.power == 1200
    return one


REFUSED: dict[str, Callable[[Home], None]] = {
    "an older time": lambda one: one.push(error_s=-300),
    "a time far behind": lambda one: one.push(error_s=-12_600),
    "a time far ahead": lambda one: one.push(error_s=YEARS_10_S),
    "a leap of the index": lambda one: one.push(jump_wh=900_000_000),
    "a fall of the index": lambda one: one.push(jump_wh=-400_000),
    "no index": Home.push_without_total,
    "a payload without values": Home.push_malformed,
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_each_frame_without_an_accepted_total_ends_the_power_at_once(
    refused: Callable[[Home], None],
) -> None:
    one = home()
    for _ in range(2):
        refused(one)
        assert one.power is None
        one.push()
        assert one.power == 1200


@pytest.mark.parametrize("interval_s", [60, 120, 300])
def test_a_frame_that_does_not_come_ends_the_power_once_it_is_overdue(interval_s: int) -> None:
    one = home(interval_s)
    for _ in range(2):
        one.wait(1.25 * interval_s)
        assert one.power == 1200
        one.wait(1)
        assert one.power is None
        count = len(one.published.messages)
        one.wait(300)
        assert len(one.published.messages) == count
        for _ in range(9):  # the frames that are missed, and two more
            one.push()
        assert one.power == 1200


def test_a_dongle_that_is_a_little_late_keeps_its_power() -> None:
    one = home()
    for late_s in (10, 0, 14, 0, 0, 15, 3):
        one.push(late_s=late_s)
        assert one.power == 1200
    assert None not in [
        state["power_estimated"] for topic, state in one.published.messages[4:] if topic == STATE
    ]


def test_frames_that_follow_each_other_at_once_do_not_make_the_next_one_overdue() -> None:
    one = Home(interval_s=6)
    for _ in range(40):
        one.push()
    one.wait(75)
    assert one.power == 1200
    one.wait(1)
    assert one.power is None


@pytest.mark.parametrize("kind", [PayloadType.GET_CLOCK, PayloadType.NO_INTERNET])
def test_a_question_of_the_dongle_neither_ends_nor_supports_the_power(kind: PayloadType) -> None:
    one = home()
    one.wait(70)
    one.ask(kind)
    assert one.power == 1200
    one.wait(6)
    assert one.power is None


@pytest.mark.parametrize("jump_s", [-DAY_S, 4 * 3600, DAY_S])
def test_a_jump_of_the_gateways_clock_ends_the_power_with_the_next_frame(jump_s: int) -> None:
    one = home()
    one.published.clock.epoch += jump_s
    one.look()
    assert one.power == 1200
    one.push()
    assert one.power is None


def test_a_retained_power_is_unknown_after_a_restart() -> None:
    published = Published()
    published.begin(RETAINED)
    assert published.newest(STATE)["power_estimated"] is None
    assert published.newest(STATE)["east"] == 5000


def test_a_power_of_frames_that_waited_for_the_recall_ends_when_the_next_is_overdue() -> None:
    one = Home()
    one.published.publication.wait()
    for _ in range(3):
        one.push()
    assert one.published.begin({}) == []
    assert one.power == 1200
    one.wait(76)
    assert one.power is None
