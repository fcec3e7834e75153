import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from hems.errors import ConfigError, Rejected, Unavailable
from hems.worker_runtime import CRASHED, Context, GuardedStep, every, run
from tests.fakes.time import context


def test_every_yields_once_per_period() -> None:
    ctx, clock, _ = context(until=100)
    assert [clock.now for _ in every(30, ctx)] == [0, 30, 60, 90]


def test_every_skips_the_periods_lost_to_a_slow_body() -> None:
    ctx, clock, _ = context(until=200)
    started = []
    for _ in every(30, ctx):
        started.append(clock.now)
        clock.now += 70 if len(started) == 1 else 1
    assert started == [0, 90, 120, 150, 180]


def test_every_reports_alive_only_after_a_completed_body() -> None:
    ctx, _, notifier = context(until=100)
    beats = every(30, ctx)
    next(beats)
    assert notifier.sent == []
    next(beats)
    assert notifier.sent == ["alive"]


class Raises:
    name = "raises"

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def run(self, ctx: Context) -> None:
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (ConfigError("x"), 78),
        (Unavailable("x"), 1),
        (Rejected("x"), 1),
        (KeyError(), CRASHED),
    ],
)
def test_run_maps_errors_to_exit_codes(error: Exception | None, code: int) -> None:
    ctx, _, notifier = context(until=1)
    assert run(Raises(error), ctx) == code
    assert notifier.sent[-1] == "stopping"


def test_an_expected_error_is_reported_to_the_supervisor() -> None:
    ctx, _, notifier = context(until=1)
    run(Raises(Unavailable("port 1 is in use")), ctx)
    assert notifier.sent == ["status port 1 is in use", "stopping"]


@pytest.mark.integration
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_at_once(number: signal.Signals) -> None:
    code = textwrap.dedent("""
        from hems.worker_runtime import SignalStop
        stop = SignalStop(); print("up", flush=True)
        assert stop.wait(30) and stop.wait(30)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        started = time.monotonic()
        os.kill(child.pid, number)
        assert child.wait(5) == 0
        assert time.monotonic() - started < 2


@pytest.mark.integration
def test_a_signal_ends_an_asyncio_wait_too() -> None:
    code = textwrap.dedent("""
        import asyncio
        from hems.worker_runtime import SignalStop, stop_requested
        stop = SignalStop()
        async def main():
            print("up", flush=True)
            await asyncio.wait_for(stop_requested(stop), 30)
        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(5) == 0


class FailingStep:
    name = "broker"

    def __init__(self) -> None:
        self.error: Exception | None = None

    def step(self, _now: float) -> None:
        if self.error is not None:
            raise self.error


def test_a_guarded_step_logs_each_failure_once_and_its_end(lines: list[str]) -> None:
    step = FailingStep()
    guarded = GuardedStep(step)
    for begin in (0, 100):
        step.error = Unavailable("no answer")
        guarded.step(begin)
        guarded.step(begin + 10)
        assert guarded.trouble == "no answer"
        step.error = None
        guarded.step(begin + 20)
        assert guarded.trouble == ""
    assert lines == 2 * [
        "WARNING broker: no answer; trying again",
        "INFO broker: works again after 20 s",
    ]


def test_a_guarded_step_is_done_once_it_was_taken_without_an_error() -> None:
    step = FailingStep()
    guarded = GuardedStep(step)
    assert not guarded.is_done
    for _ in range(2):
        step.error = Unavailable("no answer")
        guarded.step(0)
        assert not guarded.is_done
        step.error = None
        guarded.step(0)
        assert guarded.is_done


def test_a_bug_in_a_guarded_step_ends_the_worker() -> None:
    step = FailingStep()
    step.error = KeyError("bug")
    with pytest.raises(KeyError):
        GuardedStep(step).step(0)
