"""The real watchdog and a simulated Supervisor: services that hang or are updated."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from tests.integration.balena import (
    RESTARTS,
    WITHIN_S,
    Balena,
    WatchdogWorker,
)
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


def test_a_hung_service_is_restarted(watchdog: WatchdogWorker, balena: Balena) -> None:
    balena.order(hung=["influxdb"])
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")
    time.sleep(2)
    assert balena.calls("POST")[0].endswith("restart-service influxdb")
    assert len(balena.calls("POST")) == 1
    assert watchdog.state().given_up == ()


def test_a_service_that_stays_hung_is_given_up_until_it_answers(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], incurable=["influxdb"])
    eventually(lambda: watchdog.state().given_up == ("influxdb",), 30, "it is given up")
    time.sleep(2)
    assert len(balena.calls(RESTARTS)) == 2
    assert watchdog.restart_log()[2].startswith("give up influxdb: 2 restarts did not help: ")
    balena.order(hung=[])
    eventually(lambda: watchdog.state().given_up == (), WITHIN_S, "it is taken up again")


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
    watchdog: WatchdogWorker, balena: Balena, status: str
) -> None:
    balena.order(hung=["influxdb"], statuses={"influxdb": status})
    time.sleep(4)
    assert balena.calls("POST") == []
    assert watchdog.state().given_up == ()


def test_the_old_container_is_left_alone_while_the_new_image_is_downloaded(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], updating=["influxdb"])
    time.sleep(4)
    assert balena.calls("POST") == []
    balena.order(updating=[])
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_while_a_change_is_applied(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    time.sleep(4)
    assert balena.calls("POST") == []
    balena.order(is_applying=False)
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_for_a_change_only_as_long_as_set(tmp_path: Path, balena: Balena) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    with WatchdogWorker(tmp_path, balena, update_wait_s=1):
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def has_given_up(worker: WatchdogWorker) -> bool:
    return worker.state().given_up == ("influxdb",)
