"""The list of problems of the real supervisord: in the health file and in `health`."""

from __future__ import annotations

import os
import signal

import pytest

from tests.integration.supervision.rig import WORKER, Rig, listing, program

pytestmark = pytest.mark.integration

WITH_FILE = listing("hems.protocols.gateway.problem_kinds:KINDS")
QUICK = listing("tests.integration.quick_problem_kinds:KINDS")
NOTIFY = "Type=notify WatchdogSec=5"
LISTED_S = 60.0  # on a busy machine


def reporting(problems: str) -> str:
    return f"{WORKER} --notify 'X_PROBLEMS={problems}'"


def test_a_unit_that_fails_is_a_problem_until_it_runs_again(rig: Rig) -> None:
    flag = rig.folder / "well"
    command = f"/bin/sh -c 'test -e {flag} || exit 78; exec {WORKER}'"
    unit = f"{NOTIFY} RestartPreventExitStatus=78"
    rig.start(program("led", command, unit, "autorestart = true"), plugin=WITH_FILE)
    for _ in range(2):
        rig.until(lambda: rig.problems() == [("unit-failed", "led")])
        health = rig.ctl("health")
        assert health.returncode == 3
        assert "problem unit-failed led, since 20" in health.stdout
        assert "exit status 78" in health.stdout
        assert "  operator: correct the cause" in health.stdout
        flag.touch()
        assert rig.ctl("start", "led").returncode == 0
        rig.until(lambda: rig.problems() == [])
        assert "problem" not in rig.ctl("health").stdout
        flag.unlink()
        rig.ctl("restart", "led")
    assert rig.log().count("problem unit-failed led is over after") == 2


def test_a_unit_that_fails_again_and_again_is_a_problem_until_it_keeps_running(rig: Rig) -> None:
    flag = rig.folder / "well"
    command = f"/bin/sh -c 'test -e {flag} || exit 3; exec {WORKER}'"
    delays = "StartLimitIntervalSec=0 RestartSec=10ms RestartSteps=4 RestartMaxDelaySec=4"
    rig.start(program("led", command, f"{NOTIFY} {delays}", "autorestart = true"), plugin=QUICK)
    for _ in range(2):
        rig.until(lambda: rig.problems() == [("unit-restarting", "led")], LISTED_S)
        health = rig.ctl("health", "led").stdout
        assert "the unit led fails again and again: the last time: " in health
        assert "exit status 3" in health
        assert "  operator: read /var/log/hems/led.log and correct the cause" in health
        flag.touch()
        rig.until(lambda: rig.problems() == [], LISTED_S)
        pid = rig.until_state("led", "active").pid
        assert pid is not None
        flag.unlink()
        os.kill(pid, signal.SIGKILL)
    assert rig.log().count("problem unit-restarting led is over after") == 2


def test_a_unit_that_is_stopped_by_hand_is_a_problem_but_the_gateway_is_healthy(rig: Rig) -> None:
    rig.start(program("led", WORKER, NOTIFY), plugin=WITH_FILE)
    rig.until_state("led", "active")
    rig.ctl("stop", "led")
    rig.until(lambda: rig.problems() == [("unit-stopped", "led")], 20)
    health = rig.ctl("health", "led")
    assert health.returncode == 0
    assert "  operator: run `supervisorctl start led`" in health.stdout
    rig.ctl("start", "led")
    rig.until(lambda: rig.problems() == [])


def test_what_a_worker_reports_survives_its_restart_and_a_reload(rig: Rig) -> None:
    silent = '[{"name":"odd","subject":"0123","found":"no frame"}]'
    rig.start(program("d2l", reporting(silent), f"{NOTIFY} Restart=always"), plugin=WITH_FILE)
    rig.until(lambda: rig.problems() == [("odd", "0123")])
    [problem] = rig.health()["d2l"].problems
    first = rig.until_state("d2l", "active").pid or 0
    os.kill(first, signal.SIGKILL)
    rig.until_other_pid("d2l", first)
    assert rig.health()["d2l"].problems == (problem,)
    rig.write(program("d2l", WORKER, f"{NOTIFY} Restart=always"), plugin=WITH_FILE)
    rig.ctl("reload")
    rig.until(lambda: rig.log().count("d2l: active") == 3)
    assert rig.health()["d2l"].problems == (problem,)
    assert rig.log().count("problem odd 0123: no frame") == 1


def test_what_a_worker_no_longer_reports_is_over(rig: Rig) -> None:
    rig.start(program("d2l", reporting('[{"name":"odd","found":"x"}]'), NOTIFY), plugin=WITH_FILE)
    rig.until(lambda: rig.problems() == [("odd", "")])
    rig.write(program("d2l", reporting("[]"), NOTIFY), plugin=WITH_FILE)
    rig.ctl("update")
    rig.until(lambda: rig.health()["d2l"].state == "active" and rig.problems() == [])


def test_a_shutdown_is_no_problem(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --deaf", NOTIFY, "stopwaitsecs = 4"), plugin=WITH_FILE)
    rig.until_state("led", "active")
    rig.ctl("shutdown")
    rig.until(rig.is_over)
    assert "problem " not in rig.log()
