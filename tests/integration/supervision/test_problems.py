"""The list of problems of the real supervisord: in the health file and in `health`."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

KINDS = "problem_kinds = hems.protocols.gateway.problem_kinds:KINDS\n"
WITH_FILE = PLUGIN.replace(
    "heartbeat =", "health_file = {folder}/health.json\nheartbeat ="
).replace("[ctlplugin", f"{KINDS}[ctlplugin")
NOTIFY = "Type=notify WatchdogSec=5"


def names(rig: Rig) -> list[tuple[str, str]]:
    """Return name and subject of every problem in the health file."""
    units = json.loads((rig.folder / "health.json").read_text())["units"]
    return [(one["name"], one["subject"]) for unit in units for one in unit["problems"]]


def reporting(problems: str) -> str:
    return f"{WORKER} --notify 'X_PROBLEMS={problems}'"


def test_a_unit_that_fails_is_a_problem_until_it_runs_again(rig: Rig) -> None:
    flag = rig.folder / "well"
    command = f"/bin/sh -c 'test -e {flag} || exit 78; exec {WORKER}'"
    unit = f"{NOTIFY} RestartPreventExitStatus=78"
    rig.start(program("led", command, unit, "autorestart = true"), plugin=WITH_FILE)
    for _ in range(2):
        rig.until(lambda: names(rig) == [("unit-failed", "led")])
        shown = rig.ctl("health")
        assert shown.returncode == 3
        assert "problem unit-failed led, since 20" in shown.stdout
        assert "exit status 78" in shown.stdout
        assert "  operator: correct the cause" in shown.stdout
        flag.touch()
        assert rig.ctl("start", "led").returncode == 0
        rig.until(lambda: names(rig) == [])
        assert "problem" not in rig.ctl("health").stdout
        flag.unlink()
        rig.ctl("restart", "led")
    assert rig.log().count("problem unit-failed led is over after") == 2


def test_a_unit_that_is_stopped_by_hand_is_a_problem_but_the_gateway_is_healthy(rig: Rig) -> None:
    rig.start(program("led", WORKER, NOTIFY), plugin=WITH_FILE)
    rig.until_state("led", "active")
    rig.ctl("stop", "led")
    rig.until(lambda: names(rig) == [("unit-stopped", "led")], 20)
    shown = rig.ctl("health", "led")
    assert shown.returncode == 0
    assert "  operator: run `supervisorctl start led`" in shown.stdout
    rig.ctl("start", "led")
    rig.until(lambda: names(rig) == [])


def test_what_a_worker_reports_survives_its_restart_and_a_reload(rig: Rig) -> None:
    silent = '[{"name":"odd","subject":"0123","found":"no frame"}]'
    rig.start(program("d2l", reporting(silent), f"{NOTIFY} Restart=always"), plugin=WITH_FILE)
    rig.until(lambda: names(rig) == [("odd", "0123")])
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
    rig.until(lambda: names(rig) == [("odd", "")])
    rig.write(program("d2l", reporting("[]"), NOTIFY), plugin=WITH_FILE)
    rig.ctl("update")
    rig.until(lambda: rig.health()["d2l"].state == "active" and names(rig) == [])


def test_a_shutdown_is_no_problem(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --deaf", NOTIFY, "stopwaitsecs = 4"), plugin=WITH_FILE)
    rig.until_state("led", "active")
    rig.ctl("shutdown")
    rig.until(rig.is_over)
    assert "problem " not in rig.log()
