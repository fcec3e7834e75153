"""supervisord itself: a blocked one ends, a full disk does not matter."""

import os
import signal
import subprocess
import time

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

CHATTER = program("chatter", "/usr/bin/yes", "").replace("%(here)s/chatter.log", "/dev/fd/1")
GUARDED = PLUGIN.replace("heartbeat =", "guard_sec = 1\nheartbeat =")
UNLIMITED = "stdout_logfile_maxbytes = 0\n"


@pytest.mark.parametrize("is_stderr_blocked", [False, True])
def test_a_supervisord_whose_output_nobody_reads_exits(rig: Rig, is_stderr_blocked: bool) -> None:
    rig.write(CHATTER + UNLIMITED, plugin=GUARDED)
    stderr = subprocess.STDOUT if is_stderr_blocked else None
    rig.launch(stdout=subprocess.PIPE, stderr=stderr)
    took = rig.until(rig.is_over)
    assert rig.process is not None
    assert rig.process.stdout is not None
    rig.process.stdout.close()
    assert rig.process.returncode == 1
    assert took < 5
    if not is_stderr_blocked:
        assert "Timeout (0:00:01)!" in rig.output()
        assert "in runforever" in rig.output()


def test_the_heartbeat_shows_the_monotonic_clock(rig: Rig) -> None:
    rig.start(program("led", WORKER))
    path = rig.folder / "heartbeat"
    rig.until(lambda: path.exists() and path.stat().st_size > 0)
    assert 0 <= time.monotonic() - float(path.read_text()) < 5


def test_a_guarded_supervisord_that_is_idle_lives_on(rig: Rig) -> None:
    rig.start(program("led", WORKER), plugin=GUARDED)
    rig.until_state("led", "active")
    time.sleep(2.5)
    assert not rig.is_over()


def test_a_full_disk_does_not_end_supervision(rig: Rig) -> None:
    plugin = PLUGIN.replace("{folder}/heartbeat", "/dev/full")
    victim = program("victim", WORKER, "Type=notify RestartSec=10ms")
    chatter = program("chatter", "/usr/bin/yes", "").replace("%(here)s/chatter.log", "/dev/full")
    rig.start(victim, chatter + UNLIMITED, plugin=plugin)
    pid = rig.until_state("victim", "active").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    rig.until_other_pid("victim", pid)
    assert rig.log().count("heartbeat: [Errno 28] No space left on device") == 1


def test_a_log_on_a_full_disk_does_not_end_supervision(rig: Rig) -> None:
    rig.write(program("victim", WORKER, "Type=notify RestartSec=10ms"))
    text = rig.config.read_text()
    rig.config.write_text(
        text.replace(f"{rig.folder}/supervisord.log", "/dev/full\nlogfile_maxbytes = 0")
    )
    rig.launch()
    rig.until(lambda: rig.health()["victim"].is_ready)
    pid = rig.pids()["victim"]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    rig.until_other_pid("victim", pid)
