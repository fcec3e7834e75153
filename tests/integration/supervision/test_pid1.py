"""supervisord as PID 1 of a process namespace, as in its container."""

import os
import shutil
import subprocess

import pytest

from tests.integration.supervision.rig import PLUGIN, SUPERVISORD, WORKER, Rig, program

pytestmark = pytest.mark.integration

NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    if shutil.which("unshare") and os.geteuid() == 0:
        return
    problem = "process namespaces need root and unshare (util-linux)"
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)


def start(rig: Rig, *programs: str) -> None:
    rig.write(*programs)
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


def test_a_blocked_pid_1_ends_and_takes_its_namespace_along(rig: Rig) -> None:
    chatter = program("chatter", "/usr/bin/yes", "").replace("%(here)s/chatter.log", "/dev/fd/1")
    plugin = PLUGIN.replace("heartbeat =", "guard_sec = 1\nheartbeat =")
    rig.write(chatter + "stdout_logfile_maxbytes = 0\n", plugin=plugin)
    rig.launch([*NAMESPACE, *SUPERVISORD], stdout=subprocess.PIPE)
    assert rig.until(rig.is_over) < 5
    assert rig.process is not None
    assert rig.process.stdout is not None
    rig.process.stdout.close()
    assert rig.process.returncode == 1
    assert "Timeout (0:00:01)!" in rig.output()
