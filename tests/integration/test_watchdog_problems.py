"""The problems that the real watchdog reports, with a simulated Supervisor that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.system.machine_id import boot_id
from tests.integration.balena import OFFLINE, WITHIN_S, Balena, WatchdogWorker
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    with NotifyReceiver(tmp_path) as receiver:
        yield receiver


def test_a_service_that_is_given_up_is_a_problem_until_it_answers(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path):
        for _ in range(2):
            eventually(reports.has_only, WITHIN_S, "no problem")
            balena.order(hung=["influxdb"], incurable=["influxdb"])
            eventually(lambda: reports.has_only("service-given-up"), 30, "the problem")
            balena.order(hung=[], incurable=[])
        eventually(reports.has_only, WITHIN_S, "its end")


@pytest.mark.parametrize("fault", ["is_unavailable", "is_garbage"])
def test_a_supervisor_that_fails_is_one_problem_until_it_works(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver, fault: str
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path):
        for _ in range(2):
            eventually(reports.has_only, WITHIN_S, "no problem")
            balena.order(**{fault: True})
            eventually(lambda: reports.has_only("balena-fails"), WITHIN_S, "the problem")
            balena.order(**{fault: False})
        eventually(reports.has_only, WITHIN_S, "its end")


def test_a_disk_that_cannot_be_written_is_a_problem_until_it_can(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path) as worker:
        for _ in range(2):
            eventually(reports.has_only, WITHIN_S, "no problem")
            worker.data.rename(tmp_path / "elsewhere")
            eventually(lambda: reports.has_only("data-unwritable"), WITHIN_S, "the problem")
            (tmp_path / "elsewhere").rename(worker.data)
        eventually(reports.has_only, WITHIN_S, "its end")


def test_a_rejected_release_is_a_problem_until_there_is_another(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path):
        for release in (98, 99):
            eventually(reports.has_only, WITHIN_S, "no problem")
            balena.order(release=release, is_rejected=True)
            eventually(lambda: reports.has_only("release-rejected"), WITHIN_S, "the problem")
            balena.order(is_rejected=False)
        eventually(reports.has_only, WITHIN_S, "its end")


def test_a_service_without_a_container_is_a_problem_until_it_runs(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path):
        for _ in range(2):
            eventually(reports.has_only, WITHIN_S, "no problem")
            balena.order(hung=["influxdb"], statuses={"influxdb": "exited"})
            eventually(lambda: reports.has_only("service-missing"), WITHIN_S, "the problem")
            balena.order(hung=[], statuses={"influxdb": "Running"})
        eventually(reports.has_only, WITHIN_S, "its end")


def test_a_reboot_that_does_not_happen_is_a_problem_until_there_is_internet(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    with WatchdogWorker(tmp_path, balena, NOTIFY_SOCKET=reports.path):
        eventually(reports.has_only, WITHIN_S, "no problem")
        balena.order(**OFFLINE, is_reboot_lost=True)
        eventually(lambda: reports.has("reboot-lost"), WITHIN_S, "the problem")
        balena.order(internet="online", has_vpn=True, is_reboot_lost=False)
        balena.restart_supervisor()
        eventually(reports.has_only, WITHIN_S, "its end")


def test_an_outage_that_reboots_do_not_end_is_a_problem_until_there_is_internet(
    tmp_path: Path, balena: Balena, reports: NotifyReceiver
) -> None:
    settings = {"reboot_after_max_s": 0.5, "NOTIFY_SOCKET": reports.path}
    balena.order(**OFFLINE)
    with WatchdogWorker(tmp_path, balena, **settings) as worker:
        eventually(lambda: balena.reboots > 0, WITHIN_S, "a reboot")
        eventually(lambda: reports.has_none("internet-away"), WITHIN_S, "a report of no problem")
    record = worker.data / "reboots.json"
    record.write_text(record.read_text().replace(boot_id(), "the boot before"))
    with WatchdogWorker(tmp_path, balena, **settings):
        for _ in range(2):
            eventually(lambda: reports.has("internet-away"), WITHIN_S, "the problem")
            balena.order(internet="online", has_vpn=True)
            eventually(lambda: reports.has_none("internet-away"), WITHIN_S, "its end")
            balena.order(**OFFLINE)
