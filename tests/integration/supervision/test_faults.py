"""A fault of one worker is repaired in time, and the others do not notice."""

import os
import signal

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

UNIT = "Type=notify WatchdogSec=500ms TimeoutAbortSec=300ms RestartSec=10ms StartLimitBurst=20"
SIBLINGS = [
    program("notify", WORKER, "Type=notify WatchdogSec=2"),
    program("simple", f"{WORKER} --silent"),
    program("oneshot", f"{WORKER} --once 0", "Type=oneshot"),
]
SLACK_S = 2.0  # what a busy machine may add


def siblings(rig: Rig) -> dict[str, int | None]:
    return {name: pid for name, pid in rig.pids().items() if name != "victim"}


def start(rig: Rig, command: str = WORKER, unit: str = UNIT, *settings: str) -> int:
    """Start the victim and its siblings; return the victim's pid."""
    rig.start(program("victim", command, unit, *settings), *SIBLINGS)
    pid = rig.until_other_pid("victim", None).pid
    rig.until_state("oneshot", "exited")
    assert pid is not None
    return pid


@pytest.mark.parametrize(
    ("number", "limit_s", "reason"),
    [
        (signal.SIGKILL, 0.5, "killed by signal 9 (Killed)"),
        (signal.SIGABRT, 0.5, "killed by signal 6 (Aborted)"),
        (signal.SIGUSR1, 1.0, "watchdog: no ping for 0.5 s, killed by signal 6 (Aborted)"),
        (signal.SIGUSR2, 1.0, "watchdog: no ping for 0.5 s, killed by signal 6 (Aborted)"),
        (signal.SIGSTOP, 1.3, "watchdog: no ping for 0.5 s, killed by signal 9 (Killed)"),
    ],
    ids=["killed", "aborted", "deadlock", "busy loop", "stopped"],
)
def test_a_fault_costs_one_restart_and_no_sibling(
    rig: Rig, number: signal.Signals, limit_s: float, reason: str
) -> None:
    pid = start(rig)
    before = siblings(rig)
    os.kill(pid, number)
    took = rig.until(lambda: rig.pids()["victim"] not in {pid, None})
    row = rig.until_other_pid("victim", pid)
    assert took < limit_s + SLACK_S
    assert (row.restarts, row.restart_reason) == (1, reason)
    assert siblings(rig) == before


def test_a_hung_worker_prints_where_it_hangs(rig: Rig) -> None:
    pid = start(rig)
    os.kill(pid, signal.SIGUSR1)
    rig.until_other_pid("victim", pid)
    assert "Fatal Python error: Aborted" in rig.log("victim")
    assert "in deadlock" in rig.log("victim")


def test_a_worker_that_never_gets_ready_is_aborted_and_tried_again(rig: Rig) -> None:
    unit = "Type=notify TimeoutStartSec=1500ms TimeoutStartFailureMode=abort RestartSec=10ms"
    rig.start(program("victim", f"{WORKER} --silent", unit), *SIBLINGS)
    rig.until(lambda: rig.health()["victim"].restarts >= 2)
    row = rig.health()["victim"]
    assert row.restart_reason.startswith("not ready within 1.5")
    assert not row.is_ready
    assert "Fatal Python error: Aborted" in rig.log("victim")


def test_a_worker_that_gets_ready_and_crashes_is_restarted_with_growing_delays(rig: Rig) -> None:
    unit = (
        "Type=notify RestartSec=20ms RestartSteps=3 RestartMaxDelaySec=500ms "
        "StartLimitBurst=4 StartLimitIntervalSec=30"
    )
    rig.start(program("victim", f"{WORKER} --once 3", unit), *SIBLINGS)
    rig.until_state("victim", "failed")
    delays = ["restart in 0.02 s", "restart in 0.0585 s", "restart in 0.171 s", "restart in 0.5 s"]
    assert [delay for delay in delays if delay in rig.log()] == delays
    assert all(pid for name, pid in siblings(rig).items() if name != "oneshot")


def test_a_worker_that_asks_for_it_is_aborted_at_once(rig: Rig) -> None:
    command = f"{WORKER} --notify WATCHDOG=trigger"
    rig.start(program("victim", command, "Type=notify StartLimitBurst=1"))
    row = rig.until_state("victim", "failed")
    assert "WATCHDOG=trigger" in row.restart_reason


def test_a_failing_oneshot_is_tried_again_and_a_good_one_is_not(rig: Rig) -> None:
    rig.start(
        program("bad", f"{WORKER} --silent --once 1", "Type=oneshot StartLimitBurst=3"),
        program("good", f"{WORKER} --silent --once 0", "Type=oneshot"),
    )
    rig.until_state("bad", "failed")
    assert rig.health()["bad"].restarts == 2
    assert (rig.health()["good"].state, rig.health()["good"].restarts) == ("exited", 0)


def test_a_bad_setting_is_not_retried(rig: Rig) -> None:
    unit = "Type=notify Restart=always RestartPreventExitStatus=78"
    rig.start(program("victim", f"{WORKER} --silent --once 78", unit))
    row = rig.until_state("victim", "failed")
    assert (row.restarts, row.reason) == (0, "exit status 78")


def test_a_command_that_does_not_exist_fails_with_its_name(rig: Rig) -> None:
    rig.start(program("victim", "/no/such/program", "StartLimitBurst=2 RestartSec=10ms"))
    row = rig.until_state("victim", "failed")
    assert "/no/such/program" in row.restart_reason


def test_a_deaf_worker_is_killed_after_stopwaitsecs(rig: Rig) -> None:
    start(rig, f"{WORKER} --deaf", UNIT, "stopwaitsecs = 1")
    before = siblings(rig)
    rig.rpc("supervisor.stopProcess", "victim", False)
    took = rig.until(lambda: rig.health()["victim"].state == "inactive")
    assert 0.8 < took < 1 + SLACK_S
    assert siblings(rig) == before
