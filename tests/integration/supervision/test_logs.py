"""A log that floods, or that nobody reads, delays no unit; what is lost is counted."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify WatchdogSec=1 RestartSec=10ms StartLimitBurst=1000"
TO_STDOUT = "stdout_logfile_maxbytes = 0\n"
CHILDREN = 5
STALL_S = 2.5
FLOOD = (
    "/bin/sh -c 'seq 200000; sleep 60'"  # it fills the pipe and the queue, and then costs nothing
)


def to_stdout(name: str, command: str, unit: str = "") -> str:
    text = program(name, command, unit, TO_STDOUT)
    return text.replace(f"%(here)s/{name}.log", "/dev/fd/1")


def workers() -> list[str]:
    return [to_stdout(f"worker{number}", WORKER, NOTIFY) for number in range(CHILDREN)]


@pytest.fixture
def stalled(rig: Rig) -> Iterator[Rig]:
    """Run workers and a flood, with a reader of supervisord's stdout that does not read."""
    rig.write(to_stdout("flood", FLOOD, "LogRateLimitBurst=0"), *workers(), silent="false")
    rig.launch(stdout=subprocess.PIPE)
    assert rig.process is not None
    assert rig.process.stdout is not None
    rig.until(lambda: all(row.state == "active" for row in rig.health().values()))
    with rig.process.stdout:
        yield rig


def test_a_reader_that_stalls_delays_neither_heartbeats_nor_restarts(stalled: Rig) -> None:
    rig = stalled
    victim, until, delays = rig.pids()["worker0"], time.monotonic() + STALL_S, []
    while time.monotonic() < until:
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        killed_at = time.monotonic()
        victim = rig.until_other_pid("worker0", victim).pid
        delays.append(time.monotonic() - killed_at)
    rows = rig.health()
    assert [rows[f"worker{number}"].restarts for number in range(1, CHILDREN)] == [0] * 4
    assert sorted(delays)[len(delays) // 2] < 1.0


def test_once_the_reader_is_back_the_lost_lines_are_counted(stalled: Rig) -> None:
    assert stalled.process is not None
    assert stalled.process.stdout is not None
    time.sleep(0.5)
    data = b""

    def is_counted() -> bool:
        nonlocal data
        assert stalled.process is not None
        assert stalled.process.stdout is not None
        data += os.read(stalled.process.stdout.fileno(), 65536)
        return re.search(rb"\n\S+ \S+ WARN supervision: \d+ lines of the log", data) is not None

    stalled.until(is_counted)


def test_a_reader_that_is_gone_does_not_matter(stalled: Rig) -> None:
    assert stalled.process is not None
    assert stalled.process.stdout is not None
    stalled.process.stdout.close()
    pid = stalled.pids()["worker0"]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    stalled.until_other_pid("worker0", pid)


def test_a_flood_is_limited_and_counted(rig: Rig) -> None:
    flood = "/bin/sh -c 'for i in 1 2 3 4 5 6; do echo line $i; done; sleep 0.3; echo last'"
    unit = "Type=oneshot LogRateLimitBurst=2 LogRateLimitIntervalSec=250ms"
    rig.start(program("flood", flood, unit))
    rig.until_state("flood", "exited")
    assert rig.log("flood") == "line 1\nline 2\nSuppressed 4 messages from flood\nlast\n"


def test_levels_are_shown_by_name_and_less_important_ones_are_dropped(rig: Rig) -> None:
    command = "/bin/sh -c 'echo \\<3\\>bad; echo \\<7\\>detail; printf end'"
    rig.start(program("led", command, "Type=oneshot LogLevelMax=info"))
    rig.until_state("led", "exited")
    assert rig.log("led") == "err: bad\nend\n"


def test_the_last_lines_reach_a_slow_reader(rig: Rig) -> None:
    """What waits in the queue when supervisord ends is written, if it is read soon."""
    rig.write(to_stdout("once", "/usr/bin/seq 20000", "Type=oneshot LogRateLimitBurst=0"))
    rig.launch(stdout=subprocess.PIPE)
    assert rig.process is not None
    assert rig.process.stdout is not None
    rig.until_state("once", "exited")
    received: list[bytes] = []
    stdout = rig.process.stdout
    reader = threading.Thread(target=lambda: received.append(stdout.read()))
    rig.process.terminate()
    reader.start()
    reader.join(5)
    stdout.close()
    assert received[0].splitlines()[-1] == b"20000"
