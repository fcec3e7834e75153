"""The whole worker in virtual time."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from operator import itemgetter

import pytest
from gpiozero.pins.mock import MockFactory

from hems.errors import Unavailable
from hems.protocols.gateway.unit_health_file import VALID_S
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings.led import LedSettings
from hems.system.gpio import LampOutputs
from hems.worker_runtime import Context
from hems.workers.led import Lamp, Led, LedInputs
from hems.workers.led.status_probes import STUCK_S
from tests.fakes.led import (
    ERROR_LINE,
    FakeLamps,
    FakeLog,
    FakeWorld,
    Immediately,
    Never,
    NoCommands,
)
from tests.fakes.time import FakeNotifier, FakeTime

HOME_ASSISTANT, INTERNET, ERRORS = 17, 27, 22
BEGIN = 50_000.0  # of the monotonic clock
LATENCY_S = 12.0  # a probe interval, and the look that takes its result


@dataclass
class ScriptedTime(FakeTime):
    """Virtual time in which things happen: actions by the moment (s) they are due."""

    script: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def at(self, moment: float, action: Callable[[], None]) -> None:
        self.script.append((BEGIN + moment, action))
        self.script.sort(key=lambda one: one[0])

    def wait(self, timeout: float) -> bool:
        has_stopped = super().wait(timeout)
        while self.script and self.script[0][0] <= self.now:
            self.script.pop(0)[1]()
        return has_stopped


class Bench:
    """A worker with everything around it; `run` lets seconds pass and ends it."""

    def __init__(self, background: Executor | None = None) -> None:
        self.time = ScriptedTime(now=BEGIN)
        self.notifier = FakeNotifier()
        self.lamps = FakeLamps(self.time)
        self.log = FakeLog()
        self.world = FakeWorld()
        self.background = background or Immediately()
        self.commands = NoCommands()

    def inputs(self) -> LedInputs:
        return LedInputs(self.log, self.world.probes(), self.commands)

    def run(self, seconds: float) -> None:
        self.time.until = BEGIN + seconds
        worker = Led(
            LedSettings(),
            lambda: self.lamps,
            self.inputs(),
            self.background,
        )
        worker.run(Context(self.time, self.time, self.notifier))

    def lit_at(self, line: int, moment: float) -> bool:
        """Tell whether the lamp was lit `moment` seconds after the begin."""
        history = self.lamps.history[line]
        count = bisect_right(history, BEGIN + moment, key=itemgetter(0))
        return count > 0 and history[count - 1][1]

    def flashes(self, line: int, begin: float, end: float) -> int:
        history = self.lamps.history[line]
        first = bisect_left(history, BEGIN + begin, key=itemgetter(0))
        last = bisect_left(history, BEGIN + end, key=itemgetter(0))
        return sum(lit for _, lit in history[first:last])


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_all_is_well(bench: Bench) -> None:
    bench.run(60)
    assert bench.lamps.history[ERRORS] == []
    for line in (HOME_ASSISTANT, INTERNET):
        ((when, is_lit),) = bench.lamps.history[line]
        assert is_lit
        assert when - BEGIN <= 2


def test_it_is_ready_once_it_holds_the_lamps_and_alive_from_then_on(bench: Bench) -> None:
    bench.run(30)
    messages = [line for line in bench.notifier.sent if not line.startswith("status")]
    assert messages[0] == "ready"
    assert messages.count("alive") == 30


def test_lamps_that_cannot_be_had_end_it_before_it_is_ready(bench: Bench) -> None:
    def busy() -> FakeLamps:
        raise Unavailable("GPIO busy")

    worker = Led(LedSettings(), busy, bench.inputs(), bench.background)
    with pytest.raises(Unavailable):
        worker.run(Context(bench.time, bench.time, bench.notifier))
    assert bench.notifier.sent == []


def test_the_lamps_are_released_at_the_end(bench: Bench) -> None:
    bench.run(5)
    assert bench.lamps.is_closed
    assert bench.log.is_closed


def test_the_lamps_are_released_after_a_bug_too(bench: Bench) -> None:
    def bug() -> None:
        raise KeyError("bug")

    bench.time.at(3, bug)
    with pytest.raises(KeyError):
        bench.run(5)
    assert bench.lamps.is_closed


def test_a_real_pin_is_driven_by_the_pattern_and_left_dark(bench: Bench) -> None:
    factory = MockFactory()
    pin = factory.pin(INTERNET)
    bench.world.internet = Internet.LAN_ONLY
    bench.time.until = BEGIN + 1 + 1.8 * 3
    worker = Led(
        LedSettings(),
        lambda: LampOutputs(Lamp, factory),
        bench.inputs(),
        bench.background,
    )
    worker.run(Context(bench.time, bench.time, bench.notifier))
    assert [state.state for state in pin.states] == [False, *[True, False] * 6]
    assert pin.function == "input"


def test_on_command_all_lamps_blink_for_ten_seconds(bench: Bench) -> None:
    for moment in (20, 40):
        bench.time.at(moment, lambda: bench.commands.given.append("blink_leds"))
    bench.run(60)
    for line in (HOME_ASSISTANT, INTERNET, ERRORS):
        for begin in (21, 41):
            assert bench.flashes(line, begin, begin + 9) == 36
        assert bench.flashes(line, 32, 40) == 0
    assert bench.lit_at(HOME_ASSISTANT, 35)
    assert not bench.lit_at(ERRORS, 35)


def test_a_whole_story(bench: Bench) -> None:
    world, time = bench.world, bench.time
    time.at(100, lambda: setattr(world, "status", None))  # Home Assistant hangs
    time.at(200, lambda: setattr(world, "echoes", False))  # and is gone
    time.at(300, lambda: setattr(world, "status", 200))
    time.at(300, lambda: bench.log.written.append(ERROR_LINE))  # type: ignore[union-attr]
    time.at(1000, lambda: world.hear(time.now, Internet.PORTAL, "mqtt"))
    bench.run(1150)
    assert bench.lit_at(HOME_ASSISTANT, 99)
    assert bench.flashes(HOME_ASSISTANT, 120, 138) == 20  # two in 1.8 s
    assert bench.flashes(HOME_ASSISTANT, 200 + LATENCY_S, 300) == 0
    assert not bench.lit_at(HOME_ASSISTANT, 250)
    assert bench.lit_at(HOME_ASSISTANT, 300 + LATENCY_S)
    assert bench.lit_at(ERRORS, 302)
    assert bench.lit_at(ERRORS, 899)
    assert not bench.lit_at(ERRORS, 903)
    assert bench.flashes(ERRORS, 1020, 1030) == 40
    assert bench.flashes(INTERNET, 1020, 1046) == 40  # four in 2.6 s


def test_reports_that_are_no_longer_written_count_while_they_are_fresh(
    bench: Bench,
) -> None:
    bench.world.hear(BEGIN, Internet.NO_LINK, "mqtt")
    bench.run(200)
    assert not bench.lit_at(INTERNET, 89)
    assert bench.flashes(ERRORS, 20, 21) == 4
    assert bench.lit_at(INTERNET, 90 + LATENCY_S)
    assert bench.flashes(ERRORS, VALID_S + LATENCY_S, 200) == 0


def test_a_probe_that_hangs_starves_the_watchdog_but_not_the_lamps() -> None:
    bench = Bench(Never())
    bench.log.written = [ERROR_LINE]
    bench.run(300)
    assert bench.notifier.sent.count("alive") == pytest.approx(STUCK_S, abs=2)
    assert bench.lit_at(ERRORS, 299)


def test_a_burst_in_the_log_does_not_hold_the_lamps_up(bench: Bench) -> None:
    bench.world.status = None
    bench.log.at_once = 10
    bench.time.at(20, lambda: bench.log.written.extend([ERROR_LINE] * 4000))  # type: ignore[union-attr]
    bench.run(40)
    assert bench.notifier.latest_metrics["errors"] == 4000
    assert bench.flashes(HOME_ASSISTANT, 18, 36) == 20


@pytest.mark.parametrize("jump", [-40 * 365 * 86400.0, 40 * 365 * 86400.0])
def test_the_wall_clock_does_not_matter(bench: Bench, jump: float) -> None:
    bench.log.written = [ERROR_LINE]
    bench.time.at(300, lambda: setattr(bench.time, "epoch", bench.time.epoch + jump))
    bench.run(700)
    assert bench.lit_at(ERRORS, 599)
    assert not bench.lit_at(ERRORS, 602)
    assert bench.lit_at(HOME_ASSISTANT, 699)


def test_a_machine_that_slept_goes_on_without_a_burst(bench: Bench) -> None:
    bench.world.status = None
    bench.time.at(50, lambda: setattr(bench.time, "now", bench.time.now + 86400))
    bench.run(86400 + 100)
    assert bench.flashes(HOME_ASSISTANT, 51, 86450 + 18) <= 22


def test_while_steady_it_wakes_once_a_second_and_never_spins(bench: Bench) -> None:
    bench.run(600)
    assert len(bench.time.waits) == pytest.approx(600, abs=5)


def test_while_all_blink_every_wait_is_worth_it(bench: Bench) -> None:
    bench.world.status = None
    bench.world.hear(BEGIN, Internet.PORTAL, "mqtt")
    bench.run(90)
    assert len(bench.time.waits) < 90 * 15


def test_hours_of_flapping_show_every_state_in_time(bench: Bench) -> None:
    chance, end_s = random.Random(1), 6 * 3600.0
    moment, states = 0.0, []
    while moment < end_s:
        moment += chance.uniform(20, 260)
        states.append((moment, chance.choice([200, 500])))
        bench.time.at(moment, partial(setattr, bench.world, "status", states[-1][1]))
    bench.run(end_s)
    for (begin, status), (end, _) in pairwise(states):
        settled, until = begin + LATENCY_S, min(end, end_s)
        expected = 0 if status == 200 else round((until - settled) / 0.9)
        flashes = bench.flashes(HOME_ASSISTANT, settled, until)
        assert flashes == pytest.approx(expected, abs=2), (begin, status)


def test_the_status_says_what_each_lamp_means(bench: Bench) -> None:
    bench.world.hear(BEGIN, Internet.ONLINE)
    bench.run(10)
    assert bench.notifier.sent[-2:] == [
        "status Home Assistant: answers, internet: online, errors: none",
        "alive",
    ]


def test_every_absence_of_the_watchdog_begins_and_ends_in_the_metrics(bench: Bench) -> None:
    reasons: list[object] = []
    for begin in (100.0, 300.0):
        for moment in (begin + LATENCY_S, begin + 95 + LATENCY_S):
            bench.time.at(moment, lambda: reasons.append(bench.notifier.latest_metrics["watchdog"]))
        bench.time.at(begin, lambda: bench.world.hear(bench.time.now, Internet.ONLINE))
    bench.run(500)
    old = "the watchdog's report is older than 90 s"
    assert reasons == ["", old, "", old]
