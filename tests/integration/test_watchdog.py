"""The real watchdog against the simulated Supervisor over HTTP, with every fault."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hems.desk.up import free_port
from hems.protocols.watchdog_state import Internet
from tests.integration.balena import KEY, Balena, WatchdogWorker
from tests.integration.scripted import Scripted
from tests.integration.worker_process import eventually
from tests.required import required

pytestmark = pytest.mark.integration

WITHIN_S = 15.0
RELEASE = 3_000_001
OFFLINE = {"internet": "none", "has_vpn": False}
RESTARTS, REBOOT = "restart-service", "POST /v1/reboot"


@pytest.fixture
def balena() -> Iterator[Balena]:
    with Balena() as balena:
        yield balena


@pytest.fixture
def worker(tmp_path: Path, balena: Balena) -> Iterator[WatchdogWorker]:
    with WatchdogWorker(tmp_path, balena) as worker:
        yield worker


def version(worker: WatchdogWorker) -> str:
    path = worker.data / "version.txt"
    return path.read_text() if path.exists() else ""


def test_the_first_boot_records_the_release_and_all_is_well(
    worker: WatchdogWorker, balena: Balena
) -> None:
    eventually(lambda: version(worker) == f"{RELEASE}\n", WITHIN_S, "the release is recorded")
    time.sleep(1)
    assert worker.state().internet is Internet.ONLINE
    assert balena.calls("POST") == []
    assert worker.stop() == 0
    assert "WARNING" not in worker.log()


def test_a_new_release_restarts_home_assistant_once(worker: WatchdogWorker, balena: Balena) -> None:
    eventually(lambda: version(worker) != "", WITHIN_S, "the release is recorded")
    balena.order(release=77)
    eventually(lambda: version(worker) == "77\n", WITHIN_S, "the new release is recorded")
    time.sleep(1)
    assert len(balena.calls(f"{RESTARTS} homeassistant")) == 1
    assert worker.restart_log() == [f"restart homeassistant: release 77 has come after {RELEASE}"]


def test_a_release_waits_for_the_lock_to_be_gone(worker: WatchdogWorker, balena: Balena) -> None:
    eventually(lambda: version(worker) != "", WITHIN_S, "the release is recorded")
    balena.order(release=77, is_locked=True)
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "a restart is asked for")
    eventually(lambda: "423, locked: Lockfile" in worker.log(), WITHIN_S, "the lock is told")
    assert version(worker) == f"{RELEASE}\n"
    balena.order(is_locked=False)
    eventually(lambda: version(worker) == "77\n", WITHIN_S, "the new release is recorded")


def test_wifi_repeater_is_stopped(tmp_path: Path, balena: Balena) -> None:
    balena.order(statuses={"wifi-repeater": "Running"})
    with WatchdogWorker(tmp_path, balena, wifi_repeater_limit_s=0.5) as worker:
        eventually(lambda: bool(worker.restart_log()), WITHIN_S, "it is stopped")
        time.sleep(1)
        assert len(balena.calls("stop-service wifi-repeater")) == 1
        assert worker.restart_log() == ["stop wifi-repeater: running for more than 0.5 s"]


def test_a_hung_service_is_restarted(worker: WatchdogWorker, balena: Balena) -> None:
    balena.order(hung=["influxdb"])
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")
    time.sleep(2)
    assert balena.calls("POST")[0].endswith("restart-service influxdb")
    assert len(balena.calls("POST")) == 1
    assert worker.state().given_up == ()


def test_a_service_that_stays_hung_is_given_up_until_it_answers(
    worker: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], incurable=["influxdb"])
    eventually(lambda: worker.state().given_up == ("influxdb",), 30, "it is given up")
    time.sleep(2)
    assert len(balena.calls(RESTARTS)) == 2
    assert worker.restart_log()[2].startswith("give up influxdb: 2 restarts did not help: ")
    balena.order(hung=[])
    eventually(lambda: worker.state().given_up == (), WITHIN_S, "it is taken up again")


def test_what_was_given_up_stays_so_when_the_worker_is_killed(
    tmp_path: Path, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], incurable=["influxdb"])
    with WatchdogWorker(tmp_path, balena) as worker:
        eventually(partial(has_given_up, worker), 30, "it is given up")
        worker.kill()
    with WatchdogWorker(tmp_path, balena) as worker:
        time.sleep(3)
        assert has_given_up(worker)
        assert len(balena.calls(RESTARTS)) == 2
        assert len(worker.restart_log()) == 3


@pytest.mark.parametrize("status", ["Downloading", "exited"])
def test_a_service_that_is_updated_or_stopped_is_left_alone(
    worker: WatchdogWorker, balena: Balena, status: str
) -> None:
    balena.order(hung=["influxdb"], statuses={"influxdb": status})
    time.sleep(4)
    assert balena.calls("POST") == []
    assert worker.state().given_up == ()


def test_the_old_container_is_left_alone_while_the_new_image_is_downloaded(
    worker: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], updating=["influxdb"])
    time.sleep(4)
    assert balena.calls("POST") == []
    balena.order(updating=[])
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_while_a_change_is_applied(worker: WatchdogWorker, balena: Balena) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    time.sleep(4)
    assert balena.calls("POST") == []
    balena.order(is_applying=False)
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_for_a_change_only_as_long_as_set(tmp_path: Path, balena: Balena) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    with WatchdogWorker(tmp_path, balena, update_wait_s=1):
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_without_internet_the_machine_is_rebooted_with_a_note_first(
    worker: WatchdogWorker, balena: Balena
) -> None:
    balena.order(**OFFLINE)
    eventually(lambda: bool(balena.calls(REBOOT)), WITHIN_S, "a reboot is asked for")
    assert worker.state().internet in {Internet.LAN_ONLY, Internet.NO_LINK}
    assert worker.restart_log()[0].startswith("reboot: ")
    assert '"attempts":1' in (worker.data / "reboots.json").read_text()


@pytest.mark.parametrize(
    ("fault", "action", "words"),
    [
        ({"is_reboot_failing": True}, "reboot not confirmed", "500: Reboot failed"),
        ({"is_locked": True}, "reboot refused", "423, locked"),
    ],
)
def test_a_refused_reboot_is_asked_for_again_and_counts_once(
    worker: WatchdogWorker, balena: Balena, fault: dict[str, object], action: str, words: str
) -> None:
    balena.order(**OFFLINE, **fault)
    eventually(lambda: len(balena.calls(REBOOT)) >= 3, WITHIN_S, "a reboot is asked for again")
    assert [line.partition(":")[0] for line in worker.restart_log()] == ["reboot", action]
    assert words in worker.restart_log()[1]
    assert '"attempts":1' in (worker.data / "reboots.json").read_text()


def test_a_worker_killed_after_the_reboot_was_asked_for_counts_it_once(
    tmp_path: Path, balena: Balena
) -> None:
    balena.order(**OFFLINE)
    for number in range(1, 4):
        with WatchdogWorker(tmp_path, balena) as worker:
            eventually(partial(has_calls, balena, number), WITHIN_S, "a reboot is asked for")
            worker.kill()
        assert '"attempts":1' in (worker.data / "reboots.json").read_text()


def test_behind_a_portal_the_machine_is_never_rebooted(
    worker: WatchdogWorker, balena: Balena
) -> None:
    balena.order(internet="portal", has_vpn=False)
    eventually(lambda: worker.state().internet is Internet.PORTAL, WITHIN_S, "a portal is seen")
    time.sleep(2)
    assert balena.calls(REBOOT) == []
    assert worker.state().next_reboot_at is None


def test_a_tcp_connection_is_enough_to_be_online(tmp_path: Path, balena: Balena) -> None:
    balena.order(**OFFLINE)
    with Scripted() as server:
        target = f"127.0.0.1:{free_port(None)},127.0.0.1:{server.port}"
        with WatchdogWorker(tmp_path, balena, tcp_targets=target) as worker:
            time.sleep(1)
            assert worker.state().internet is Internet.ONLINE
    assert balena.calls(REBOOT) == []


def test_a_ping_is_enough_to_be_online(tmp_path: Path, balena: Balena) -> None:
    required("" if os.geteuid() == 0 else "a ping may need root")
    balena.order(**OFFLINE)
    with WatchdogWorker(tmp_path, balena, icmp_targets="127.0.0.1") as worker:
        time.sleep(1)
        assert worker.state().internet is Internet.ONLINE
    assert balena.calls(REBOOT) == []


@pytest.mark.parametrize(
    ("fault", "cure", "words"),
    [
        ({"is_unavailable": True}, {"is_unavailable": False}, "503: Supervisor is not ready"),
        ({"is_garbage": True}, {"is_garbage": False}, """found b'{"status":"success","conta'"""),
        ({"delay_s": 2.0}, {"delay_s": 0.0}, "no answer within 0.5 s"),
    ],
)
def test_a_supervisor_that_is_ill_is_survived_and_told_once(
    worker: WatchdogWorker,
    balena: Balena,
    fault: dict[str, object],
    cure: dict[str, object],
    words: str,
) -> None:
    eventually(lambda: version(worker) != "", WITHIN_S, "the release is recorded")
    balena.order(**fault)
    eventually(lambda: bool(lines(worker, "release: balena")), WITHIN_S, "it is told")
    time.sleep(1.5)
    balena.order(**cure)
    eventually(lambda: "release: works again" in worker.log(), WITHIN_S, "it works again")
    (line,) = lines(worker, "release: balena")
    assert words in line
    assert balena.calls("POST") == []


def has_given_up(worker: WatchdogWorker) -> bool:
    return worker.state().given_up == ("influxdb",)


def has_calls(balena: Balena, count: int) -> bool:
    return len(balena.calls(REBOOT)) >= count


def has_lines(worker: WatchdogWorker, count: int) -> bool:
    return len(lines(worker, "trying again")) >= count


def lines(worker: WatchdogWorker, part: str) -> list[str]:
    return [line for line in worker.log().splitlines() if part in line]


def test_without_balena_one_line_says_so_and_the_internet_is_watched(tmp_path: Path) -> None:
    with WatchdogWorker(tmp_path, None) as worker:
        eventually(lambda: worker.state().internet is not Internet.ONLINE, WITHIN_S, "it looks")
        time.sleep(1.5)
        assert worker.log().count("no balena Supervisor, so nothing will be restarted") == 1
        assert worker.state().next_reboot_at is None
        assert list(worker.data.iterdir()) == []


def test_a_full_disk_costs_the_log_but_not_the_repairs(tmp_path: Path, balena: Balena) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "restartLog.txt").symlink_to("/dev/full")
    (data / ".version.txt.new").symlink_to("/dev/full")
    with WatchdogWorker(tmp_path, balena) as worker:
        balena.order(hung=["influxdb"])
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")
        balena.order(release=77)
        called = f"{RESTARTS} homeassistant"
        eventually(lambda: bool(balena.calls(called)), WITHIN_S, "Home Assistant is restarted")
        time.sleep(1.5)
        assert len(balena.calls(called)) == 1
        assert "restartLog.txt cannot be written: No space left on device" in worker.log()
        assert worker.process.poll() is None


def test_a_full_disk_means_no_reboot(tmp_path: Path, balena: Balena) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / ".reboots.json.new").symlink_to("/dev/full")
    balena.order(**OFFLINE)
    with WatchdogWorker(tmp_path, balena) as worker:
        expected = "reboots.json cannot be written: No space left on device"
        eventually(lambda: expected in worker.log(), WITHIN_S, "it is told")
        time.sleep(1)
        assert balena.calls(REBOOT) == []
        assert worker.state().is_data_unwritable


def test_without_a_data_directory_services_are_repaired_and_no_reboot_is_made(
    tmp_path: Path, balena: Balena
) -> None:
    missing = tmp_path / "missing"
    balena.order(**OFFLINE, hung=["influxdb"])
    with WatchdogWorker(tmp_path, balena, data_directory=missing) as worker:
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")
        eventually(lambda: "reboots.json cannot be written" in worker.log(), WITHIN_S, "no reboot")
        assert f"restart log: {missing} is missing; make or mount it" in worker.log()
        assert worker.state().is_data_unwritable
        assert balena.calls(REBOOT) == []


def test_the_key_is_in_no_log(tmp_path: Path, balena: Balena) -> None:
    with WatchdogWorker(tmp_path, balena) as worker:
        for fault in ({"is_garbage": True}, {"is_garbage": False, "is_unavailable": True}):
            balena.order(**fault)
            before = len(lines(worker, "trying again"))
            eventually(partial(has_lines, worker, before + 1), WITHIN_S, "it is told")
    logs = [worker.log(), *(path.read_text() for path in (tmp_path / "log").iterdir())]
    assert all(KEY not in log for log in logs)
