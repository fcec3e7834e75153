"""Who may say what to the notify socket, and what a flood does: nothing."""

import array
import contextlib
import os
import random
import signal
import socket
import struct
import sys
import time
from pathlib import Path

import pytest

from tests.integration.supervision.rig import HERE, WORKER, Rig, program

pytestmark = pytest.mark.integration

UNIT = "Type=notify WatchdogSec=2"


def connect(rig: Rig) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    connection.settimeout(5)
    connection.connect(str(rig.folder / "notify.sock"))
    return connection


def start(rig: Rig) -> int:
    rig.start(program("victim", WORKER, UNIT), program("mute", f"{WORKER} --silent", UNIT))
    pid = rig.until_other_pid("victim", None).pid
    assert pid is not None
    return pid


def descriptors(rig: Rig) -> int:
    return len(list(Path(f"/proc/{rig.pid}/fd").iterdir()))


def test_a_stranger_is_not_believed(rig: Rig) -> None:
    start(rig)
    with connect(rig) as stranger:
        stranger.send(b"READY=1\nSTATUS=I am a worker")
        rig.until(lambda: "belongs to no unit" in rig.log())
    row = rig.health()["mute"]
    assert (row.state, row.status) == ("activating", "")
    assert f"pid {os.getpid()} belongs to no unit" in rig.log()


THIEF = """
import os, pathlib, socket, time
pid = pathlib.Path({pid!r})
while not pid.exists():
    time.sleep(0.02)
if os.fork() == 0:
    os.setpgid(0, int(pid.read_text()))
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    connection.connect(os.environ["NOTIFY_SOCKET"])
    connection.send(b"WATCHDOG=trigger")
time.sleep(60)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start programs as somebody else")
def test_another_users_process_that_joined_a_workers_group_is_not_believed(rig: Rig) -> None:
    for folder in (rig.folder, *rig.folder.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o011)
    note, thief = rig.folder / "pid", rig.folder / "thief.py"
    thief.write_text(THIEF.format(pid=str(note)))
    rig.start(
        program("victim", WORKER, f"{UNIT} NotifyAccess=all"),
        program("thief", f"/usr/bin/python3 {thief}", f"{UNIT} NotifyAccess=all", "user = nobody"),
    )
    pid = rig.until_state("victim", "active").pid
    note.write_text(str(pid))
    rig.until(lambda: "thief: deactivating: the process sent WATCHDOG=trigger" in rig.log())
    row = rig.health()["victim"]
    assert (row.pid, row.state) == (pid, "active")


def test_status_and_metrics_are_shown(rig: Rig) -> None:
    messages = '--notify STATUS=3→4 --notify X_METRICS={"meters":[1,2]} --notify X_METRICS=[]'
    rig.start(program("victim", f"{WORKER} {messages!s}".replace('"', '\\"'), UNIT))
    rig.until(lambda: rig.health()["victim"].metrics != "{}")
    row = rig.health()["victim"]
    assert (row.status, row.metrics) == ("3→4", '{"meters":[1,2]}')
    rig.until(lambda: "found list, expected a JSON object" in rig.log())


@pytest.mark.parametrize("phase", ["RELOADING=1", "STOPPING=1"])
def test_what_a_worker_does_next_is_shown(rig: Rig, phase: str) -> None:
    state = {"RELOADING=1": "reloading", "STOPPING=1": "deactivating"}[phase]
    rig.start(program("victim", f"{WORKER} --notify {phase}", "Type=notify"))
    rig.until_state("victim", state)


def test_an_extension_saves_a_slow_start(rig: Rig) -> None:
    unit = "Type=notify TimeoutStartSec=3"
    rig.start(
        program("slow", f"{WORKER} --early EXTEND_TIMEOUT_USEC=15000000 --delay 4", unit),
        program("late", f"{WORKER} --delay 4", f"{unit} RestartSec=1min"),
    )
    rig.until_state("slow", "active", 20)
    assert rig.health()["slow"].restarts == 0
    assert rig.log().count("late: deactivating: not ready within 3") == 1


def test_a_barrier_is_over_when_everything_before_it_was_handled(rig: Rig) -> None:
    start(rig)
    reader, writer = os.pipe()
    try:
        with connect(rig) as connection:
            for _ in range(50):
                connection.send(b"STATUS=x")
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writer]))
            connection.sendmsg([b"BARRIER=1"], [rights])
        os.close(writer)
        assert os.read(reader, 1) == b""
    finally:
        os.close(reader)


def hostile(generator: random.Random, number: int) -> bytes:
    return [
        generator.randbytes(generator.randrange(300)),
        b"READY=1\n\0\0WATCHDOG=1",
        b"=" * generator.randrange(1, 9000),
        b"STATUS=" + b"\xff" * 4000,
        b"EXTEND_TIMEOUT_USEC=x\nX_METRICS={",
        b"BARRIER=1",
    ][number % 6]


def test_twenty_thousand_hostile_datagrams_change_nothing_and_log_little(rig: Rig) -> None:
    start(rig)
    before, fds_before, log_before = rig.pids(), descriptors(rig), len(rig.log())
    generator = random.Random(1)
    with connect(rig) as connection:
        for number in range(20_000):
            data, ancillary = hostile(generator, number), []
            if number % 6 == 5:
                fds = array.array("i", [0] * generator.randrange(1, 254))
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
            connection.sendmsg([data], ancillary)
        connection.send(b"last")
    assert rig.pids() == before
    assert rig.health()["mute"].state == "activating"
    assert rig.health()["victim"].restarts == 0
    assert descriptors(rig) <= fds_before + 1
    assert len(rig.log()) - log_before < 4000


def test_a_socket_that_waits_for_its_peer_when_it_is_closed_holds_up_nothing(rig: Rig) -> None:
    start(rig)
    with socket.create_server(("127.0.0.1", 0)) as server, connect(rig) as stranger:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        end = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
        end.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while end.send(bytes(65536)):
                pass
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("2i", 1, 4))
        os.kill(rig.pid, signal.SIGSTOP)  # so that it is the last to close it
        fds = array.array("i", [end.fileno()])
        stranger.sendmsg([b"READY=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        end.close()
        os.kill(rig.pid, signal.SIGCONT)
        began_at = time.monotonic()
        rig.until(lambda: "belongs to no unit" in rig.log())
        assert rig.health()["victim"].restarts == 0
        assert time.monotonic() - began_at < 2
        peer.close()


def test_a_flood_from_one_worker_does_not_starve_the_watchdog_of_another(rig: Rig) -> None:
    unit = "Type=notify WatchdogSec=2 StartLimitBurst=1"
    rig.start(
        program("flood", f"{sys.executable} -IS {HERE / 'flood.py'}", unit),
        program("victim", f"{sys.executable} {HERE / 'beating.py'}", unit),
    )
    rig.until_state("victim", "active")
    time.sleep(4.5)
    assert {name: row.state for name, row in rig.health().items()} == {
        "flood": "active",
        "victim": "active",
    }
    assert len(rig.log()) < 10_000
