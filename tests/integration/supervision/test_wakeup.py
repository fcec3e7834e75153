"""Supervision acts at once, although no request to supervisord wakes its loop."""

import itertools
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration


def spawned(rig: Rig, times: int) -> Callable[[], bool]:
    return lambda: rig.log().count("spawned: 'victim'") == times


def last_pid(rig: Rig) -> int:
    return int(rig.log().rpartition("spawned: 'victim' with pid ")[2].split()[0])


def test_the_first_start_does_not_wait_for_the_loop(rig: Rig) -> None:
    rig.start(program("victim", WORKER))
    assert rig.until(spawned(rig, 1)) < 0.7


def test_five_kills_cost_less_than_five_rounds_of_the_loop(rig: Rig) -> None:
    rig.start(program("victim", WORKER, "RestartSec=0 StartLimitBurst=20"))
    took = 0.0
    for times in range(1, 6):
        rig.until(spawned(rig, times))
        os.kill(last_pid(rig), signal.SIGKILL)
        took += rig.until(spawned(rig, times + 1))
    assert took < 2.5


def test_delays_and_time_outs_are_kept_to_fractions_of_a_second(rig: Rig) -> None:
    unit = "Type=notify WatchdogSec=100ms RestartSec=100ms StartLimitBurst=20"
    rig.start(program("victim", f"{WORKER} --no-beat", unit))
    rig.until(spawned(rig, 1))
    took = rig.until(spawned(rig, 6))  # five hangs of 0.1 s and five delays of 0.1 s
    assert 1.0 < took < 4.0


def test_what_waits_starts_with_what_it_waits_for(rig: Rig) -> None:
    names = ["a", "b", "c", "d", "e"]
    first = program("a", f"{WORKER} --once 0", "Type=oneshot")
    chain = [
        program(name, f"{WORKER} --once 0", f"Type=oneshot Requires={before}")
        for before, name in itertools.pairwise(names)
    ]
    rig.start(first, *chain)
    assert rig.until(lambda: "e: exited" in rig.log()) < 2.5


def test_a_stop_of_everything_is_quick(rig: Rig) -> None:
    rig.start(*(program(name, "/bin/sleep 60") for name in "abcdef"))
    rig.until(lambda: rig.log().count(": active") == 6)
    time.sleep(0.3)  # the loop has nothing to do
    os.kill(rig.pid, signal.SIGTERM)
    assert rig.until(rig.is_over) < 0.9  # a round of the loop takes up to a second


def test_a_stop_right_after_the_start_is_not_swallowed(rig: Rig) -> None:
    rig.write(program("victim", f"{WORKER} --silent"))
    rig.launch()
    rig.until((rig.folder / "heartbeat").exists)  # written before the first round of the loop
    os.kill(rig.pid, signal.SIGTERM)
    assert rig.until(rig.is_over) < 3.0
