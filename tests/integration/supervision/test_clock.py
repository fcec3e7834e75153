"""Setting the wall clock, a day either way, changes nothing."""

import os
import signal
import sys
import time

import pytest

from tests.integration.supervision.rig import HERE, WORKER, Rig, program

pytestmark = pytest.mark.integration

DAY_S = 86_400.0
JUMPS = pytest.mark.parametrize("jump_s", [DAY_S, -DAY_S], ids=["forward", "backward"])


def start(rig: Rig, *programs: str) -> None:
    set_clock(rig, 0)
    rig.write(*programs)
    offset = str(rig.folder / "offset")
    rig.launch(command=[sys.executable, str(HERE / "shifted.py"), offset])
    rig.until((rig.folder / "ctl.sock").exists)


def set_clock(rig: Rig, offset_s: float) -> None:
    new = rig.folder / "offset.new"
    new.write_text(str(offset_s))
    new.replace(rig.folder / "offset")


@JUMPS
def test_a_starting_worker_is_neither_called_ready_nor_given_up(rig: Rig, jump_s: float) -> None:
    start(rig, program("slow", f"{WORKER} --delay 1.5", "Type=notify TimeoutStartSec=10"))
    rig.until_state("slow", "activating")
    set_clock(rig, jump_s)
    time.sleep(0.5)
    assert rig.health()["slow"].state == "activating"
    assert rig.until_state("slow", "active").restarts == 0


@JUMPS
def test_a_stopping_worker_has_all_of_its_time(rig: Rig, jump_s: float) -> None:
    start(rig, program("deaf", f"{WORKER} --deaf", "Type=notify", "stopwaitsecs = 2"))
    rig.until_state("deaf", "active")
    rig.rpc("supervisor.stopProcess", "deaf", False)
    set_clock(rig, jump_s)
    assert 1.5 < rig.until(lambda: rig.health()["deaf"].state == "inactive") < 4


@JUMPS
def test_the_watchdog_and_the_delay_go_by_real_seconds(rig: Rig, jump_s: float) -> None:
    unit = "Type=notify WatchdogSec=1 RestartSec=1"
    start(rig, program("victim", WORKER, unit))
    pid = rig.until_state("victim", "active").pid
    set_clock(rig, jump_s)
    time.sleep(1.5)
    assert rig.pids()["victim"] == pid
    assert pid is not None
    set_clock(rig, 0)
    os.kill(pid, signal.SIGKILL)
    rig.until_state("victim", "auto-restart")
    set_clock(rig, jump_s)
    took = rig.until(lambda: rig.pids()["victim"])
    assert 0.8 < took < 3


@JUMPS
def test_an_exit_after_a_jump_is_handled_like_any_other(rig: Rig, jump_s: float) -> None:
    start(rig, program("victim", WORKER, "Type=notify RestartSec=10ms"))
    pid = rig.until_state("victim", "active").pid
    set_clock(rig, jump_s)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert rig.until_other_pid("victim", pid).restarts == 1
