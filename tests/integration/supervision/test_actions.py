"""The end of supervisord because of a unit, with an exit status."""

import os
import signal

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration


def status(rig: Rig) -> int:
    rig.until(rig.is_over)
    assert rig.process is not None
    return rig.process.returncode


def test_a_failure_ends_supervisord_in_order_with_the_status_of_the_process(rig: Rig) -> None:
    rig.start(
        program("main", f"{WORKER} --once 7", "Restart=no FailureAction=exit"),
        program("other", WORKER, "Type=notify"),
    )
    assert status(rig) == 7
    assert "main: FailureAction=exit ends supervisord with exit status 7" in rig.log()
    assert "stopped: other" in rig.log()
    assert not list(rig.folder.glob("*.sock"))
    assert not (rig.folder / "supervisord.pid").exists()
    assert "Traceback" not in rig.log() + rig.output()


def test_exit_force_waits_for_nobody_and_leaves_nobody(rig: Rig) -> None:
    action = "Type=oneshot SuccessAction=exit-force SuccessActionExitStatus=3"
    rig.start(
        program("deaf", f"{WORKER} --deaf", "Type=notify", "stopwaitsecs = 60"),
        program("main", "/bin/true", f"{action} After=deaf"),
    )
    assert status(rig) == 3
    assert "stopped: deaf" not in rig.log()
    assert not list(rig.folder.glob("*.sock"))


def test_a_shutdown_triggers_no_action(rig: Rig) -> None:
    rig.start(program("main", WORKER, "Type=notify SuccessAction=exit SuccessActionExitStatus=5"))
    rig.until_state("main", "active")
    rig.ctl("shutdown")
    assert status(rig) == 0


def test_a_shutdown_starts_nothing_that_follows_a_success(rig: Rig) -> None:
    rig.start(
        program("base", WORKER, "Type=notify"),
        program("main", WORKER, "Type=notify After=base OnSuccess=idle,base"),
        program("idle", WORKER, "Type=notify", "autostart = false"),
    )
    for name in ("base", "main"):
        rig.until_state(name, "active")
    os.kill(rig.pid, signal.SIGHUP)
    rig.until(lambda: rig.log().count("main: active") == 2)
    os.kill(rig.pid, signal.SIGTERM)
    assert status(rig) == 0
    assert "spawned: 'idle'" not in rig.log()


def test_a_stop_on_request_is_a_success(rig: Rig) -> None:
    rig.start(program("main", WORKER, "Type=notify SuccessAction=exit SuccessActionExitStatus=5"))
    rig.until_state("main", "active")
    rig.rpc("supervisor.stopProcess", "main", False)
    assert status(rig) == 5
