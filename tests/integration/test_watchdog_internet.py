"""The real watchdog and a simulated Supervisor: an outage, and the reboot that it requests."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from hems.protocols.gateway.watchdog_report import Internet
from tests.integration.balena import (
    OFFLINE,
    REBOOT,
    WITHIN_S,
    Balena,
    WatchdogWorker,
)
from tests.integration.scripted import Scripted
from tests.integration.worker_process import eventually
from tests.required import required

pytestmark = pytest.mark.integration


def test_without_internet_the_machine_is_rebooted_with_a_note_first(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(**OFFLINE)
    eventually(lambda: bool(balena.calls(REBOOT)), WITHIN_S, "a reboot is requested")
    assert watchdog.state().internet in {Internet.LAN_ONLY, Internet.NO_LINK}
    assert watchdog.restart_log()[0].startswith("reboot: ")
    assert '"attempts":1' in (watchdog.data / "reboots.json").read_text()


def test_a_reboot_that_does_not_happen_is_logged_once(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(**OFFLINE, is_reboot_lost=True)
    eventually(lambda: len(watchdog.restart_log()) >= 2, WITHIN_S, "it is logged")
    watchdog.pass_rounds(10)
    action, failure = watchdog.restart_log()
    assert action.startswith("reboot: ")
    assert failure.startswith("reboot did not happen: balena accepted it 0 min ago")
    assert failure.endswith("Connection refused")
    assert balena.reboots == 0
    balena.order(is_reboot_lost=False)
    balena.restart_supervisor()
    eventually(lambda: balena.reboots > 0, WITHIN_S, "it is requested again")


@pytest.mark.parametrize(
    ("fault", "action", "words"),
    [
        ({"is_reboot_failing": True}, "reboot not confirmed", "500: Reboot failed"),
        ({"is_locked": True}, "reboot refused", "423, locked"),
    ],
)
def test_a_refused_reboot_is_asked_for_again_and_counts_once(
    watchdog: WatchdogWorker, balena: Balena, fault: dict[str, object], action: str, words: str
) -> None:
    balena.order(**OFFLINE, **fault)
    eventually(lambda: len(balena.calls(REBOOT)) >= 3, WITHIN_S, "a reboot is requested again")
    assert [line.partition(":")[0] for line in watchdog.restart_log()] == ["reboot", action]
    assert words in watchdog.restart_log()[1]
    assert '"attempts":1' in (watchdog.data / "reboots.json").read_text()


def test_a_worker_killed_after_the_reboot_was_asked_for_counts_it_once(
    tmp_path: Path, balena: Balena
) -> None:
    balena.order(**OFFLINE)
    for number in range(1, 4):
        with WatchdogWorker(tmp_path, balena) as worker:
            eventually(partial(has_calls, balena, number), WITHIN_S, "a reboot is requested")
            worker.kill()
        assert '"attempts":1' in (worker.data / "reboots.json").read_text()


def test_behind_a_portal_the_machine_is_never_rebooted(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(internet="portal", has_vpn=False)
    eventually(lambda: watchdog.state().internet is Internet.PORTAL, WITHIN_S, "a portal is seen")
    time.sleep(2)
    assert balena.calls(REBOOT) == []
    assert watchdog.state().next_reboot_at is None


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


def has_calls(balena: Balena, count: int) -> bool:
    return len(balena.calls(REBOOT)) >= count
