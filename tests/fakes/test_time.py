"""The fake stop and the real one obey the same rule."""

import subprocess
import sys
from pathlib import Path

import pytest

from hems.worker_runtime import Clock, Stop
from tests.fakes.time import FakeTime

ROOT = Path(__file__).parents[2]
STOP_AT_S = 0.3
REAL = f"""
import os, signal, threading
from hems.worker_runtime import SignalStop
from hems.system.clock import SystemClock
from tests.fakes.test_time import waits
stop = SignalStop()
threading.Timer({STOP_AT_S}, os.kill, (os.getpid(), signal.SIGTERM)).start()
print(waits(stop, SystemClock()))
"""


def waits(stop: Stop, clock: Clock) -> list[tuple[bool, bool]]:
    """Wait with a short timeout, then twice with a long one.

    Return for each wait whether it saw the stop, and whether it ended long before 30 s.
    """
    results = []
    for timeout_s in (STOP_AT_S / 3, 30.0, 30.0):
        started = clock.monotonic()
        has_stopped = stop.wait(timeout_s)
        results.append((has_stopped, clock.monotonic() - started < 15))
    return results


EXPECTED = [(False, True), (True, True), (True, True)]


def test_a_wait_ends_at_the_stop_and_returns_at_once_after_it() -> None:
    time = FakeTime(until=STOP_AT_S)
    assert waits(time, time) == EXPECTED
    assert time.now == STOP_AT_S


@pytest.mark.integration
def test_the_real_stop_obeys_the_same_rule() -> None:
    output = subprocess.check_output([sys.executable, "-c", REAL], cwd=ROOT, text=True, timeout=90)
    assert output == f"{EXPECTED}\n"


def test_a_clock_that_is_set_beyond_the_stop_is_not_set_back() -> None:
    time = FakeTime(until=10.0, now=20.0)
    assert time.wait(5.0)
    assert time.now == 20.0
