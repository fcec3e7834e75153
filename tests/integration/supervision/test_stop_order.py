"""Units stop at once, each after those that come after it."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

STOP_S = 0.4
SLOW = f"{WORKER} --slow-stop {STOP_S}"
NOTIFY = "Type=notify"
TOPS = ["a", "b", "c", "d", "e"]


def start(rig: Rig, *more: str, top: str = "After=base") -> None:
    """Start five units that come after one; each takes STOP_S to stop."""
    rig.start(
        program("base", SLOW, NOTIFY),
        *(program(name, SLOW, f"{NOTIFY} {top}") for name in TOPS),
        *more,
    )
    rig.until(lambda: all(row.state == "active" for row in rig.health().values()))


def stopped(rig: Rig) -> list[str]:
    """Return the units in the order in which they stopped."""
    return [line.split()[4] for line in rig.log().splitlines() if " stopped: " in line]


def by_signal(rig: Rig) -> None:
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over)


def by_reload(rig: Rig) -> None:
    os.kill(rig.pid, signal.SIGHUP)
    rig.until(lambda: len(stopped(rig)) == 6)


def by_call(rig: Rig) -> None:
    rig.rpc("supervisor.stopAllProcesses")


@pytest.mark.parametrize("stop", [by_signal, by_reload, by_call])
def test_a_stop_of_everything_takes_as_long_as_the_longest_chain(
    rig: Rig, stop: Callable[[Rig], None]
) -> None:
    start(rig)
    began = time.monotonic()
    stop(rig)
    assert time.monotonic() - began < 2 * STOP_S + 1.2  # one after the other takes 2.4 s
    assert sorted(stopped(rig)[:5]) == TOPS
    assert stopped(rig)[5] == "base"


def test_a_group_stops_in_order_and_others_go_on(rig: Rig) -> None:
    group = "[group:pair]\nprograms = low,high\npriority = 1\n"
    rig.start(
        group,
        program("low", SLOW, NOTIFY, "priority = 999"),
        program("high", SLOW, f"{NOTIFY} After=pair:low"),
        program("later", WORKER, f"{NOTIFY} After=pair:low"),
    )
    rig.until(lambda: all(row.state == "active" for row in rig.health().values()))
    before = rig.pids()["later"]
    rig.rpc("supervisor.stopProcessGroup", "pair")
    assert stopped(rig) == ["high", "low"]
    assert rig.pids() == {"pair:high": None, "pair:low": None, "later": before}


def test_what_requires_a_unit_stops_before_it(rig: Rig) -> None:
    start(rig, top="Requires=base")
    rig.rpc("supervisor.stopProcess", "base")
    assert sorted(stopped(rig)[:5]) == TOPS
    assert stopped(rig)[5:] == ["base"]
    assert {rig.health()[name].state for name in TOPS} == {"waiting"}


def test_event_listeners_stop_after_the_units(rig: Rig) -> None:
    ear = (
        f"[eventlistener:ear]\ncommand = {WORKER} --silent\nevents = TICK_60\npriority = 999\n"
        f"stdout_logfile = {rig.folder}/ear.log\n"
    )
    start(rig, ear)
    by_signal(rig)
    assert stopped(rig)[-2:] == ["base", "ear"]
