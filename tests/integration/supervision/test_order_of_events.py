"""systemd's order of events: notifications count before exits and before deadlines."""

import os
import signal
from pathlib import Path

import pytest

from tests.integration.supervision.rig import SUPERVISORD, WORKER, Rig, program

pytestmark = pytest.mark.integration

MANY = ("numprocs = 30", "process_name = %%(process_num)d", "autorestart = false")


def many(command: str) -> str:
    """Return 30 units that start at once."""
    return program("many", command, "Type=notify", *MANY).replace("%%", "%")


def test_the_last_words_of_a_process_count_before_its_exit(rig: Rig) -> None:
    command = f"{WORKER} --silent --early READY=1 --early STATUS=bye --once 0"
    rig.start(many(command))
    rig.until(lambda: all(row.state in {"exited", "failed"} for row in rig.health().values()))
    outcomes = [(row.state, row.status) for row in rig.health().values()]
    assert outcomes == [("exited", "bye")] * 30


@pytest.mark.usefixtures("namespaces")
def test_last_words_at_the_end_of_a_long_queue_count_too(rig: Rig) -> None:
    go, queue = rig.folder / "go", "echo 600 > /proc/sys/net/unix/max_dgram_qlen"
    command = f"{WORKER} --wait-for {go} --early STATUS=many --times 500 --once 0"
    rig.write(program("talker", command, "Type=notify Restart=no"))
    rig.launch(["unshare", "--net", "sh", "-c", f'{queue}; exec "$@"', "sh", *SUPERVISORD])
    rig.until(lambda: "spawned: 'talker'" in rig.log())
    os.kill(rig.pid, signal.SIGSTOP)
    go.touch()
    rig.until(lambda: is_zombie(int(rig.log().rpartition("with pid ")[2].split()[0])))
    os.kill(rig.pid, signal.SIGCONT)
    rig.until(lambda: rig.health()["talker"].state in {"exited", "failed"})
    assert rig.health()["talker"].state == "exited"


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_stop_right_after_the_start_reaches_the_process(rig: Rig) -> None:
    settings = ("autostart = false", "stopasgroup = true", "stopwaitsecs = 5")
    rig.start(program("victim", f"{WORKER} --silent", "StartLimitBurst=0", *settings))
    rig.until(lambda: "RPC interface 'supervision' initialized" in rig.log())
    for _ in range(50):
        rig.rpc("supervisor.startProcess", "victim", False)
        rig.rpc("supervisor.stopProcess", "victim", False)
        rig.until_state("victim", "inactive", 2)
    assert "SIGKILL" not in rig.log()
