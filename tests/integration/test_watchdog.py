"""The real watchdog against the simulated Supervisor over HTTP, with every fault."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from dev.simulator.balena_faults import FIRST_RELEASE as RELEASE
from hems.protocols.gateway.watchdog_report import Internet
from tests.integration.balena import (
    KEY,
    RESTARTS,
    WITHIN_S,
    Balena,
    WatchdogWorker,
)
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


def test_the_first_boot_records_the_release_and_all_is_well(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    eventually(lambda: watchdog.version() == f"{RELEASE}\n", WITHIN_S, "the release is recorded")
    watchdog.pass_rounds(10)
    assert watchdog.state().internet is Internet.ONLINE
    assert balena.calls("POST") == []
    assert watchdog.stop() == 0
    assert "WARNING" not in watchdog.log()


def test_a_new_release_restarts_home_assistant_once(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    eventually(lambda: watchdog.version() != "", WITHIN_S, "the release is recorded")
    balena.order(release=77, unchanged=["homeassistant"])
    eventually(lambda: watchdog.version() == "77\n", WITHIN_S, "the new release is recorded")
    watchdog.pass_rounds(10)
    assert len(balena.calls(f"{RESTARTS} homeassistant")) == 1
    assert watchdog.restart_log() == [
        f"restart homeassistant: release changed from {RELEASE} to 77"
    ]


def test_a_release_that_recreates_home_assistant_restarts_nothing(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    eventually(lambda: watchdog.version() != "", WITHIN_S, "the release is recorded")
    for release in (77, 78):
        balena.order(release=release)
        recorded = f"{release}\n"
        eventually(partial(has_version, watchdog, recorded), WITHIN_S, "the release is recorded")
    watchdog.pass_rounds(10)
    assert balena.calls("POST") == []
    assert watchdog.restart_log() == []


def has_version(worker: WatchdogWorker, text: str) -> bool:
    return worker.version() == text


def test_a_release_waits_for_the_lock_to_be_gone(watchdog: WatchdogWorker, balena: Balena) -> None:
    eventually(lambda: watchdog.version() != "", WITHIN_S, "the release is recorded")
    balena.order(release=77, unchanged=["homeassistant"], is_locked=True)
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "a restart is requested")
    eventually(lambda: "423, locked: Lockfile" in watchdog.log(), WITHIN_S, "the lock is logged")
    assert watchdog.version() == f"{RELEASE}\n"
    balena.order(is_locked=False)
    eventually(lambda: watchdog.version() == "77\n", WITHIN_S, "the new release is recorded")


def test_wifi_repeater_is_stopped(tmp_path: Path, balena: Balena) -> None:
    balena.order(statuses={"wifi-repeater": "Running"})
    with WatchdogWorker(tmp_path, balena, wifi_repeater_limit_s=0.5) as worker:
        eventually(lambda: bool(worker.restart_log()), WITHIN_S, "it is stopped")
        worker.pass_rounds(10)
        assert len(balena.calls("stop-service wifi-repeater")) == 1
        assert worker.restart_log() == ["stop wifi-repeater: running for more than 0.5 s"]


@pytest.mark.parametrize(
    ("fault", "cure", "words"),
    [
        ({"is_unavailable": True}, {"is_unavailable": False}, "503: Supervisor is not ready"),
        ({"is_garbage": True}, {"is_garbage": False}, "found JSON that is cut off"),
        ({"delay_s": 2.0}, {"delay_s": 0.0}, "no answer within 0.5 s"),
    ],
)
def test_a_faulty_supervisor_is_survived_and_logged_once(
    tmp_path: Path,
    balena: Balena,
    fault: dict[str, object],
    cure: dict[str, object],
    words: str,
) -> None:
    with WatchdogWorker(tmp_path, balena, reboot_after_s=600) as worker:  # a delay is an outage
        eventually(lambda: worker.version() != "", WITHIN_S, "the release is recorded")
        balena.order(**fault)
        eventually(lambda: bool(worker.lines("release: balena")), WITHIN_S, "the reason is logged")
        worker.pass_rounds(3)
        balena.order(**cure)
        eventually(lambda: "release: works again" in worker.log(), WITHIN_S, "it works again")
    (line,) = worker.lines("release: balena")
    assert words in line
    assert balena.calls("POST") == []


def has_lines(worker: WatchdogWorker, count: int) -> bool:
    return len(worker.lines("trying again")) >= count


def test_without_balena_one_line_says_so_and_the_internet_is_watched(tmp_path: Path) -> None:
    with WatchdogWorker(tmp_path, None) as worker:
        eventually(lambda: worker.state().internet is not Internet.ONLINE, WITHIN_S, "it looks")
        worker.pass_rounds(10)
        assert worker.log().count("no balena Supervisor, so nothing will be restarted") == 1
        assert worker.state().next_reboot_at is None
        assert list(worker.data.iterdir()) == []


def test_the_key_is_in_no_log(tmp_path: Path, balena: Balena) -> None:
    with WatchdogWorker(tmp_path, balena) as worker:
        for fault in ({"is_garbage": True}, {"is_garbage": False, "is_unavailable": True}):
            balena.order(**fault)
            before = len(worker.lines("trying again"))
            eventually(partial(has_lines, worker, before + 1), WITHIN_S, "the reason is logged")
    logs = [worker.log(), *(path.read_text() for path in (tmp_path / "log").iterdir())]
    assert all(KEY not in log for log in logs)
