"""Time in which supervisord could not run counts against no unit, but a hang is still found."""

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from tests.integration.supervision.rig import HERE, PLUGIN, SUPERVISORD, WORKER, Rig, program

pytestmark = pytest.mark.integration

PAUSE_S = 1.5
NAMES = [f"unit{number}" for number in range(12)]  # their pings overflow the queue of the socket
UNITS = [program(name, WORKER, "Type=notify WatchdogSec=1") for name in NAMES]
GUARDED = PLUGIN.replace("heartbeat =", "guard_sec = 4\nheartbeat =")  # a heartbeat every second


def pause(rig: Rig) -> None:
    os.kill(rig.pid, signal.SIGSTOP)
    time.sleep(PAUSE_S)
    os.kill(rig.pid, signal.SIGCONT)


def wait_for_the_disk(rig: Rig) -> None:
    slow = rig.folder / "slow"
    slow.write_text(str(PAUSE_S))
    rig.until(lambda: not slow.exists())
    time.sleep(PAUSE_S)


@pytest.mark.parametrize("hold_up", [pause, wait_for_the_disk])
def test_a_hold_up_aborts_no_healthy_unit_and_hides_no_hang(
    rig: Rig, hold_up: Callable[[Rig], None]
) -> None:
    rig.write(*UNITS, plugin=GUARDED)
    slow = hold_up is wait_for_the_disk
    rig.launch([sys.executable, str(HERE / "slow_disk.py")] if slow else SUPERVISORD)
    rig.until(lambda: all(row.is_ready for row in rig.health().values()))
    before = rig.pids()
    for _ in range(2):
        hold_up(rig)
        time.sleep(0.6)
        assert rig.pids() == before
    victim = before["unit0"]
    assert victim is not None
    os.kill(victim, signal.SIGUSR1)
    hold_up(rig)
    assert rig.until(lambda: rig.pids()["unit0"] not in {victim, None}) < 5
    assert "watchdog: no ping" in rig.health()["unit0"].restart_reason
    assert {**rig.pids(), "unit0": victim} == before
