from dataclasses import dataclass, field

import pytest

from dev.simulator.d2l_dongle import ClockAnswer
from dev.simulator.meter_program import RETRY_MAX_S, MeterProgram
from hems.errors import ProtocolError, Unavailable
from tests.fakes.time import context


@dataclass
class FakeDongle:
    """Answers until the server goes, and again once it is back."""

    gone_from: float = float("inf")
    back_at: float = float("inf")
    second_outage: tuple[float, float] = (float("inf"), float("inf"))
    pushed: list[float] = field(default_factory=list)
    spoilt: list[float] = field(default_factory=list)
    error: Exception = field(default_factory=lambda: Unavailable("refused"))

    def push(self, unix_time: int) -> ClockAnswer:
        now = unix_time - 1_700_000_000.0
        self.pushed.append(now)
        begins, ends = self.second_outage
        if self.gone_from <= now < self.back_at or begins <= now < ends:
            raise self.error
        return ClockAnswer(unix_time, 0.001)

    def push_spoilt(self, unix_time: int) -> None:
        self.spoilt.append(unix_time - 1_700_000_000.0)


def test_a_meter_pushes_once_per_interval() -> None:
    ctx, _, notifier = context(until=200)
    dongle = FakeDongle()
    MeterProgram("meter-1", dongle, 60).run(ctx)
    assert dongle.pushed == [0, 60, 120, 180]
    assert notifier.sent.count("alive") == 4


@pytest.mark.parametrize("error", [Unavailable("refused"), ProtocolError("rubbish")])
def test_a_meter_comes_back_within_its_longest_wait(error: Exception) -> None:
    ctx, time, _ = context(until=2000)
    dongle = FakeDongle(gone_from=100, back_at=1000, error=error)
    MeterProgram("meter-1", dongle, 60).run(ctx)
    assert max(time.waits) <= 60
    back = next(at for at in dongle.pushed if at >= 1000)
    assert back <= 1000 + RETRY_MAX_S


def test_failures_are_retried_with_a_growing_delay() -> None:
    ctx, time, _ = context(until=10)
    MeterProgram("meter-1", FakeDongle(gone_from=0), 60).run(ctx)
    assert time.waits[:5] == [0, 0.2, 0.4, 0.8, 1.6]


def test_a_second_outage_begins_with_the_shortest_delay() -> None:
    ctx, time, _ = context(until=60)
    MeterProgram("meter-1", FakeDongle(0, 10, second_outage=(20, 30)), 5).run(ctx)
    assert time.waits.count(0.2) == 2
    assert time.waits.count(0.4) == 2


def test_the_status_says_why_there_is_no_answer() -> None:
    ctx, _, notifier = context(until=1)
    MeterProgram("meter-1", FakeDongle(gone_from=0), 60).run(ctx)
    assert "status no answer: refused" in notifier.sent


def test_some_pushes_are_spoilt_in_place_of_a_reading() -> None:
    ctx, _, notifier = context(until=45)
    dongle = FakeDongle()
    MeterProgram("meter-1", dongle, 1, spoilt_every=20).run(ctx)
    assert dongle.spoilt == [2, 22, 42]
    assert len(dongle.pushed) == 42
    assert "status 2 readings answered, 1 spoilt on purpose" in notifier.sent


def test_a_server_that_answers_a_spoilt_frame_is_in_the_status() -> None:
    class Deceived(FakeDongle):
        def push_spoilt(self, unix_time: int) -> None:
            raise ProtocolError("the server answered a spoilt frame")

    ctx, _, notifier = context(until=3)
    MeterProgram("meter-1", Deceived(), 1, spoilt_every=20).run(ctx)
    assert "status no answer: the server answered a spoilt frame" in notifier.sent


def test_a_meter_that_fails_falls_silent_again_and_again_and_is_alive_meanwhile() -> None:
    ctx, _, notifier = context(until=1200)
    dongle = FakeDongle()
    MeterProgram("meter-2", dongle, 60, is_failing=True).run(ctx)
    assert dongle.pushed == [*range(0, 300, 60), *range(480, 780, 60), *range(960, 1200, 60)]
    assert notifier.sent.count("alive") == 20
