"""The notify socket belongs to one supervisord, which binds it again when somebody took it away."""

import shutil
import socket
import time
from functools import partial
from pathlib import Path

import pytest

from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program, rig_in

pytestmark = pytest.mark.integration

BOUND = "notify_socket: works again"
WATCHED = program("led", WORKER, "Type=notify WatchdogSec=3")


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_socket_that_somebody_removed_or_took_is_bound_again(rig: Rig, is_taken: bool) -> None:
    rig.start(WATCHED)
    pid = rig.until_state("led", "active").pid
    path = rig.folder / "notify.sock"
    for times in (1, 2):
        path.unlink()
        if is_taken:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as thief:
                thief.bind(str(path))
        rig.until(partial(says, rig, BOUND, times))
        rig.until(lambda: ping_age(rig) < 0.2)
    assert rig.pids() == {"led": pid}
    assert "somebody has removed its path" in rig.log()


def test_a_socket_that_is_removed_costs_no_unit_its_watchdog(rig: Rig) -> None:
    rig.start(*[program(f"u{number}", WORKER, "Type=notify WatchdogSec=400ms") for number in "ab"])
    pids = [rig.until_state(name, "active").pid for name in ("ua", "ub")]
    for times in (1, 2, 3):
        time.sleep(0.1)  # until nothing but a deadline wakes supervisord
        (rig.folder / "notify.sock").unlink()
        rig.until(partial(says, rig, BOUND, times))
        rig.until(lambda: (rig.health()["ua"].pinged_at or 0) > time.monotonic() - 0.2)
    assert [rig.pids()["ua"], rig.pids()["ub"]] == pids


def test_a_folder_that_is_gone_for_a_while_is_survived(rig: Rig) -> None:
    (rig.folder / "run").mkdir()
    rig.start(WATCHED, plugin=PLUGIN.replace("{folder}/notify", "{folder}/run/notify"))
    rig.until_state("led", "active")
    for times in (1, 2):
        (rig.folder / "run").rename(rig.folder / "away")
        rig.until(partial(says, rig, "notify_socket: [Errno 2]", times))
        (rig.folder / "run").mkdir()
        rig.until(partial(says, rig, BOUND, times))
        shutil.rmtree(rig.folder / "away")
    rig.until(lambda: ping_age(rig) < 0.2)
    assert "Traceback" not in rig.log()


def test_no_other_user_can_take_the_lock(rig: Rig) -> None:
    (rig.folder / "notify.sock.lock").touch(0o644)
    rig.start(WATCHED)
    rig.until_state("led", "active")
    assert (rig.folder / "notify.sock.lock").stat().st_mode & 0o777 == 0o600


def test_a_second_supervisord_with_the_same_socket_is_refused(rig: Rig, tmp_path: Path) -> None:
    rig.start(WATCHED)
    pid = rig.until_state("led", "active").pid
    (tmp_path / "second").mkdir()
    with rig_in(tmp_path / "second") as second:
        second.start(WATCHED, plugin=PLUGIN.replace("{folder}/notify", f"{rig.folder}/notify"))
        second.until(second.is_over)
        assert second.process is not None
        assert second.process.returncode == 78
        expected = f"{rig.folder}/notify.sock in use by another supervisord (pid {rig.pid})"
        assert expected in second.output()
    rig.until(lambda: ping_age(rig) < 0.2)
    assert rig.pids() == {"led": pid}


def says(rig: Rig, text: str, times: int) -> bool:
    return rig.log().count(text) == times


def ping_age(rig: Rig) -> float:
    pinged_at = rig.health()["led"].pinged_at
    return time.monotonic() - (pinged_at or 0)
