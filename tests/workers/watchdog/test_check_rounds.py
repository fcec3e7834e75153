from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from hems.protocols.gateway.watchdog_report import Internet
from tests.fakes.time import context
from tests.workers.watchdog.surroundings import Home, Recorder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(message.record["message"]))
    yield lines
    logger.remove(handler)


def test_every_30_s_every_check(home: Home) -> None:
    ctx, clock, notifier = context(until=300)
    recorder = Recorder()
    home.rounds(clock, recorder).run(ctx)
    assert recorder.made_at == [30.0 * n for n in range(10)]
    assert notifier.sent[0] == "ready"


def test_it_is_alive_after_each_check(home: Home) -> None:
    ctx, clock, notifier = context(until=30)
    recorders = [Recorder(), Recorder(), Recorder()]
    home.rounds(clock, *recorders).run(ctx)
    assert notifier.sent.count("alive") == 5 + 1


@pytest.mark.parametrize("error", [Unavailable("x"), Rejected("x"), ProtocolError("x")])
def test_a_check_that_fails_hides_no_other(home: Home, error: HemsError) -> None:
    ctx, clock, notifier = context(until=300)
    failing, other = Recorder("failing", error), Recorder("other")
    home.rounds(clock, failing, other).run(ctx)
    assert len(other.made_at) == 10
    assert notifier.latest_metrics["troubles"] == {"failing": "x"}


def test_a_bug_ends_the_worker(home: Home) -> None:
    ctx, clock, _ = context(until=300)

    def stumble() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        home.rounds(clock, Recorder(on_step=stumble)).run(ctx)


def test_trouble_is_two_lines_however_long_it_lasts(home: Home, log: list[str]) -> None:
    ctx, clock, _ = context(until=3600)
    recorder = Recorder()

    def fail_for_a_while() -> None:
        recorder.error = Unavailable("no answer") if 300 <= clock.now < 3000 else None

    recorder.on_step = fail_for_a_while
    home.rounds(clock, recorder).run(ctx)
    lines = [line for line in log if line.startswith("recorder")]
    assert lines == ["recorder: no answer; trying again", "recorder: works again after 2700 s"]


def test_a_wall_clock_that_jumps_by_years_changes_nothing(home: Home) -> None:
    ctx, clock, _ = context(until=43_200)
    home.internet = Internet.LAN_ONLY

    def jump() -> None:
        clock.epoch = 0.0 if clock.epoch > 1e9 else 1_795_435_200.0

    recorder = Recorder(on_step=jump)
    rounds = home.rounds(clock, recorder)
    rounds.run(ctx)
    # Accepted, and never come true: asked for every ten minutes from the first half hour on.
    assert len(home.supervisor.requests) == 1 + (43_200 - 1800 - 1) // 600
    assert rounds.internet.record.attempts == 1


def test_after_a_stop_request_no_other_check_begins(home: Home) -> None:
    ctx, clock, _ = context(until=1e9)
    first, second = Recorder("first"), Recorder("second")
    first.on_step = lambda: setattr(clock, "until", 0.0)
    home.rounds(clock, first, second).run(ctx)
    assert (len(first.made_at), len(second.made_at)) == (1, 0)
