"""supervisord itself: a blocked one ends, a full disk does not matter."""

import json
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.integration.supervision.rig import HANGING, PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

CHATTER = program("chatter", "/usr/bin/yes", "").replace("%(here)s/chatter.log", "/dev/fd/1")
GUARDED = PLUGIN.replace("heartbeat =", "guard_sec = 1\nheartbeat =")
UNLIMITED = "stdout_logfile_maxbytes = 0\n"


@pytest.mark.parametrize("is_stderr_blocked", [False, True])
def test_a_supervisord_that_hangs_exits(rig: Rig, is_stderr_blocked: bool) -> None:
    flood = CHATTER + UNLIMITED if is_stderr_blocked else ""
    rig.write(flood, plugin=GUARDED + HANGING)
    output = subprocess.PIPE if is_stderr_blocked else None
    rig.launch(stdout=output, stderr=subprocess.STDOUT if output else None)
    rig.until(lambda: rig.health() is not None)
    with pytest.raises(ConnectionResetError):
        rig.rpc("hanging.hang")
    took = rig.until(rig.is_over)
    assert rig.process is not None
    assert rig.process.returncode == 1
    assert took < 5
    if rig.process.stdout is not None:
        rig.process.stdout.close()
    else:
        assert "supervisord has hung for 1 s" in rig.output()
        assert "in runforever" in rig.output()


def test_the_heartbeat_shows_the_monotonic_clock(rig: Rig) -> None:
    rig.start(program("led", WORKER))
    path = rig.folder / "heartbeat"
    rig.until(lambda: path.exists() and path.stat().st_size > 0)
    assert 0 <= time.monotonic() - float(path.read_text()) < 5


def test_a_pipe_in_place_of_the_heartbeat_holds_up_nothing(rig: Rig) -> None:
    os.mkfifo(rig.folder / "heartbeat")
    rig.start(program("led", WORKER))
    rig.until_state("led", "active")
    assert "heartbeat: [Errno 6]" in rig.log()


def test_a_guarded_supervisord_that_is_idle_lives_on(rig: Rig) -> None:
    rig.start(program("led", WORKER), plugin=GUARDED)
    rig.until_state("led", "active")
    time.sleep(2.5)
    assert not rig.is_over()


@pytest.mark.parametrize("is_worker_paused", [False, True])
def test_a_pause_longer_than_the_guard_ends_nothing(rig: Rig, is_worker_paused: bool) -> None:
    rig.start(program("led", WORKER, "Type=notify"), plugin=GUARDED)
    pid = rig.until_state("led", "active").pid
    assert pid is not None
    paused = [rig.pid, pid] if is_worker_paused else [rig.pid]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for one in paused:
            os.kill(one, number)
        time.sleep(1.5)
    assert not rig.is_over()


def test_a_supervisord_without_free_descriptors_goes_on_to_report(rig: Rig) -> None:
    plugin = GUARDED.replace("heartbeat =", "health_file = {folder}/health.json\nheartbeat =")
    rig.start(program("led", WORKER), plugin=plugin)
    health, heartbeat = rig.folder / "health.json", rig.folder / "heartbeat"
    rig.until(lambda: health.exists() and "led: active" in rig.log())
    with no_free_descriptor(rig):
        since = time.monotonic()
        rig.until(lambda: float(heartbeat.read_text()) > since)
        rig.until(lambda: json.loads(health.read_text())["written_at"] > since)
    assert "Too many open files" not in rig.log()


def test_a_unit_that_ends_without_free_descriptors_restarts_later(rig: Rig) -> None:
    unit = "Type=exec RestartSec=10ms StartLimitIntervalSec=0"
    rig.start(program("victim", f"{WORKER} --silent", unit))
    pid = rig.until_state("victim", "active").pid
    assert pid is not None
    with no_free_descriptor(rig):
        os.kill(pid, signal.SIGKILL)
        rig.until(lambda: "too many open files" in rig.log().lower() or rig.is_over())
    rig.until_other_pid("victim", pid)


@contextmanager
def no_free_descriptor(rig: Rig) -> Iterator[None]:
    limits = resource.prlimit(rig.pid, resource.RLIMIT_NOFILE)
    with ExitStack() as clients:

        def is_full() -> bool:
            for _ in (free := free_descriptors(rig.pid)):
                connection = clients.enter_context(socket.socket(socket.AF_UNIX))
                connection.connect(str(rig.folder / "ctl.sock"))
            return not free

        rig.until(is_full)
        resource.prlimit(rig.pid, resource.RLIMIT_NOFILE, (len(descriptors(rig.pid)), limits[1]))
        yield
        resource.prlimit(rig.pid, resource.RLIMIT_NOFILE, limits)


def descriptors(pid: int) -> set[int]:
    return {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}


def free_descriptors(pid: int) -> set[int]:
    used = descriptors(pid)
    return set(range(max(used))) - used


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
