import math

import pytest

from hems.workers.led.blink_patterns import DOUBLE_BLINK, FAST_BLINK, OFF, SOLID, Pattern
from hems.workers.led.led_meaning import Lamp, LampDisplay
from hems.workers.led.led_panel import LedPanel
from tests.fakes.led import FakeLamps
from tests.fakes.time import FakeTime


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(now=1000.0)


@pytest.fixture
def lamps(time: FakeTime) -> FakeLamps:
    return FakeLamps(time)


@pytest.fixture
def panel(lamps: FakeLamps) -> LedPanel:
    return LedPanel(lamps)


def show(panel: LedPanel, time: FakeTime, *patterns: Pattern) -> None:
    by_lamp = {lamp: LampDisplay(one, "") for lamp, one in zip(Lamp, patterns, strict=True)}
    panel.show(by_lamp, time.now)
    panel.advance(time.now)


def pass_time(panel: LedPanel, time: FakeTime, until: float) -> None:
    while panel.due < until:
        time.now = panel.due
        panel.advance(time.now)
    time.now = until


def test_a_dark_panel_waits_for_nothing_and_touches_nothing(
    panel: LedPanel, time: FakeTime, lamps: FakeLamps
) -> None:
    show(panel, time, OFF, OFF, OFF)
    assert panel.due == math.inf
    assert lamps.history == {17: [], 27: [], 22: []}


def test_each_lamp_keeps_its_own_time(panel: LedPanel, time: FakeTime, lamps: FakeLamps) -> None:
    show(panel, time, SOLID, DOUBLE_BLINK, FAST_BLINK)
    pass_time(panel, time, 1001.0)
    assert lamps.history[17] == [(1000.0, True)]
    assert lamps.history[27] == [
        (1000.0, True),
        (1000.15, False),
        (1000.4, True),
        (1000.55, False),
    ]
    assert [lit for _, lit in lamps.history[22]] == [True, False] * 4
    assert lamps.history[22][-1] == (1000.875, False)


def test_the_earliest_change_is_due(panel: LedPanel, time: FakeTime) -> None:
    show(panel, time, SOLID, DOUBLE_BLINK, FAST_BLINK)
    assert panel.due == 1000.125


def test_the_same_pattern_again_goes_on(panel: LedPanel, time: FakeTime, lamps: FakeLamps) -> None:
    show(panel, time, OFF, DOUBLE_BLINK, OFF)
    time.now = 1000.1
    show(panel, time, OFF, DOUBLE_BLINK, OFF)
    pass_time(panel, time, 1000.3)
    assert lamps.history[27] == [(1000.0, True), (1000.15, False)]


def test_another_pattern_begins_at_once(panel: LedPanel, time: FakeTime, lamps: FakeLamps) -> None:
    show(panel, time, DOUBLE_BLINK, OFF, OFF)
    pass_time(panel, time, 1000.2)
    show(panel, time, SOLID, OFF, OFF)
    assert lamps.history[17] == [(1000.0, True), (1000.15, False), (1000.2, True)]
    assert panel.due == math.inf
