"""The real watchdog and a simulated Supervisor: a disk that is full or missing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.balena import (
    OFFLINE,
    REBOOT,
    RESTARTS,
    WITHIN_S,
    Balena,
    WatchdogWorker,
)
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


def test_a_full_disk_costs_the_log_but_not_the_repairs(tmp_path: Path, balena: Balena) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "restartLog.txt").symlink_to("/dev/full")
    (data / ".version.txt.new").symlink_to("/dev/full")
    with WatchdogWorker(tmp_path, balena) as worker:
        balena.order(hung=["influxdb"])
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")
        balena.order(release=77, unchanged=["homeassistant"])
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
        eventually(lambda: expected in worker.log(), WITHIN_S, "the reason is logged")
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
        assert f"restart log: {missing} is missing; create or mount it" in worker.log()
        assert worker.state().is_data_unwritable
        assert balena.calls(REBOOT) == []
