"""A mistake in the state machine ends one unit, not supervisord with all of them."""

import os
import signal
from contextlib import suppress

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

FAULTY = """
[rpcinterface:faulty]
supervisor.rpcinterface_factory = tests.integration.supervision.faulty:make_interface
without = {rows}
"""
SIBLING = program("sibling", WORKER, "Type=notify WatchdogSec=5")
LEAVES = "setsid sleep 700 &\necho $! > {folder}/left.pid\n"
MISTAKE = "a mistake in supervision: IllegalTransition: {event} cannot happen in {phase}"


def start(rig: Rig, rows: str, victim: str, *others: str) -> int | None:
    """Start the units without these rows of the table; return the sibling's pid."""
    plugin = PLUGIN + FAULTY.replace("{rows}", rows)
    rig.start(victim, SIBLING, *others, plugin=plugin)
    return rig.until_other_pid("sibling", None).pid


def assert_failed(rig: Rig, reason: str, sibling: int | None) -> None:
    row = rig.until_state("victim", "failed")
    assert row.reason == reason
    assert not row.is_healthy
    assert rig.log().count("Traceback") == 1
    assert "IllegalTransition" in rig.log()
    assert rig.pids()["sibling"] == sibling
    assert not rig.is_over()


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def script(rig: Rig, then: str = "") -> str:
    """Return a command that leaves a process in a session of its own."""
    path = rig.folder / "leaving"
    path.write_text(LEAVES.format(folder=rig.folder) + then)
    return f"sh {path}"


def left(rig: Rig) -> int:
    path = rig.folder / "left.pid"
    rig.until(lambda: path.exists() and path.read_text().strip())
    return int(path.read_text())


def test_a_mistake_in_transition_fails_the_unit_and_kills_its_processes(rig: Rig) -> None:
    victim = program("victim", script(rig, "exec sleep 700"), "RuntimeMaxSec=1 OnFailure=alarm")
    alarm = program("alarm", WORKER, "Type=notify", "autostart = false")
    sibling = start(rig, "RUNNING:STOP", victim, alarm)
    main = rig.until_state("victim", "active").pid
    other = left(rig)
    assert main is not None
    assert_failed(rig, MISTAKE.format(event="'stop'", phase="'running'"), sibling)
    assert "Result=supervision\n" in rig.ctl("show", "victim").stdout
    rig.until(lambda: not is_alive(main) and not is_alive(other))
    rig.until_state("alarm", "active")
    assert rig.ctl("start", "victim").returncode == 0
    assert rig.health()["victim"].state == "active"


def test_a_mistake_when_a_process_ends_fails_the_unit(rig: Rig) -> None:
    victim = program("victim", WORKER, "Type=notify RestartSec=10ms")
    sibling = start(rig, "RUNNING:BROKEN RUNNING:ENDED", victim)
    pid = rig.until_other_pid("victim", None).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert_failed(rig, MISTAKE.format(event="'failure'", phase="'running'"), sibling)
    assert rig.pids()["victim"] is None
    assert rig.ctl("restart", "victim").returncode == 0
    assert rig.health()["victim"].state == "active"


def test_a_mistake_when_a_command_ends_kills_the_main_process(rig: Rig) -> None:
    victim = program("victim", WORKER, "Type=notify ExecReload=true")
    sibling = start(rig, "RELOAD:DONE", victim)
    main = rig.until_other_pid("victim", None).pid
    assert main is not None
    rig.ctl("reload-unit", "victim")
    assert_failed(rig, MISTAKE.format(event="'done'", phase="'reload'"), sibling)
    rig.until(lambda: not is_alive(main))


def test_supervisord_ends_although_no_unit_can_be_stopped(rig: Rig) -> None:
    victim = program("victim", WORKER, "Type=notify")
    start(rig, "RUNNING:STOP", victim)
    rig.until_state("victim", "active")
    assert rig.process is not None
    rig.process.terminate()
    assert rig.process.wait(5) == 0
    assert rig.log().count("IllegalTransition") >= 2
