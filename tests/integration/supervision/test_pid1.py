"""supervisord as PID 1 of a process namespace, as in its container."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.supervision.rig import (
    HANGING,
    PLUGIN,
    ROOT,
    SUPERVISORD,
    WORKER,
    Rig,
    program,
)

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("namespaces")]

SLOW = """
import pathlib, time
(pathlib.Path(__file__).parents[1] / "importing").touch()
time.sleep(60)
"""
NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def start(rig: Rig, *programs: str, plugin: str = PLUGIN) -> None:
    rig.write(*programs, plugin=plugin)
    rig.launch([*NAMESPACE, *SUPERVISORD])
    rig.until((rig.folder / "ctl.sock").exists)
    rig.until(lambda: rig.rpc("supervisor.getPID") == 1)


def end(rig: Rig) -> None:
    """Shut down from inside: unshare does not pass signals on."""
    rig.rpc("supervisor.shutdown")
    rig.until(rig.is_over)


def test_workers_are_known_watched_and_restarted(rig: Rig) -> None:
    start(rig, program("victim", WORKER, "Type=notify WatchdogSec=500ms TimeoutAbortSec=300ms"))
    pid = rig.until_state("victim", "active").pid
    for number in ("KILL", "STOP"):
        rig.rpc("supervisor.signalProcess", "victim", number)
        pid = rig.until_other_pid("victim", pid).pid
    assert rig.health()["victim"].restarts == 2
    end(rig)


def test_orphans_are_reaped(rig: Rig) -> None:
    start(rig, program("parent", "/bin/sh -c '(sleep 0.2 & exit); exec sleep 60'"))
    rig.until(lambda: "reaped unknown pid" in rig.log())
    end(rig)


def test_a_pid_1_that_hangs_ends_and_takes_its_namespace_along(rig: Rig) -> None:
    plugin = PLUGIN.replace("heartbeat =", "guard_sec = 1\nheartbeat =")
    start(rig, program("led", WORKER), plugin=plugin + HANGING)
    with pytest.raises(ConnectionResetError):
        rig.rpc("hanging.hang")
    assert rig.until(rig.is_over) < 5
    assert rig.process is not None
    assert rig.process.returncode == 1
    assert "supervisord has hung for 1 s" in rig.output()


def test_a_stop_during_the_preload_ends_it_at_once(rig: Rig) -> None:
    (rig.folder / "slow").mkdir()
    (rig.folder / "slow" / "__main__.py").write_text(SLOW)
    plugin = PLUGIN.replace("heartbeat =", "preload = slow\nheartbeat =")
    rig.write(program("led", WORKER), plugin=plugin)
    rig.launch([*NAMESPACE, "env", f"PYTHONPATH={ROOT}:{rig.folder}", *SUPERVISORD])
    rig.until((rig.folder / "importing").exists)
    os.kill(pid_1(rig), signal.SIGTERM)
    assert rig.until(rig.is_over) < 1
    assert "SIGTERM while supervisord starts" in rig.output()
    assert not (rig.folder / "ctl.sock").exists()


def test_signals_are_handled_before_anything_big_is_imported() -> None:
    code = (
        "import sys, hems.supervision.supervisord.supervisord_plugin\n"
        "print(*(name for name in sys.modules if name.startswith('hems.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert len(done.stdout.split()) < 8


def test_a_stop_in_the_first_round_starts_nothing(rig: Rig) -> None:
    plugin = PLUGIN + HANGING.replace("make_interface", "make_interface\nsignal = TERM")
    rig.write(program("led", WORKER), plugin=plugin)
    rig.launch([*NAMESPACE, *SUPERVISORD])
    assert rig.until(rig.is_over) < 5
    assert "received SIGTERM" in rig.log()
    assert "spawned" not in rig.log()


def pid_1(rig: Rig) -> int:
    """Return the pid, outside of its namespace, of the child of unshare."""
    return int(Path(f"/proc/{rig.pid}/task/{rig.pid}/children").read_text())


def test_a_failure_ends_pid_1_with_its_status(rig: Rig) -> None:
    rig.write(program("main", f"{WORKER} --once 7", "Restart=no FailureAction=exit"))
    rig.launch([*NAMESPACE, *SUPERVISORD])
    rig.until(rig.is_over)
    assert rig.process is not None
    assert rig.process.returncode == 7
