"""The real watchdog and a simulated Supervisor: services that hang or are updated."""

from __future__ import annotations

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
    watchdog.pass_rounds(6)
    assert balena.calls("POST")[0].endswith("restart-service influxdb")
    assert len(balena.calls("POST")) == 1
    assert watchdog.state().given_up == ()


def test_a_service_that_stays_hung_is_given_up_until_it_answers(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], incurable=["influxdb"])
    eventually(lambda: watchdog.state().given_up == ("influxdb",), 30, "it is given up")
    watchdog.pass_rounds(6)
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
        worker.pass_rounds(6)
        assert has_given_up(worker)
        assert len(balena.calls(RESTARTS)) == 2
        assert len(worker.restart_log()) == 3


@pytest.mark.parametrize("status", ["Downloading", "exited"])
def test_a_service_that_is_updated_or_stopped_is_left_alone(
    watchdog: WatchdogWorker, balena: Balena, status: str
) -> None:
    balena.order(hung=["influxdb"], statuses={"influxdb": status})
    watchdog.pass_rounds(6)
    assert balena.calls("POST") == []
    assert watchdog.state().given_up == ()


def test_the_old_container_is_left_alone_while_the_new_image_is_downloaded(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], updating=["influxdb"])
    watchdog.pass_rounds(6)
    assert balena.calls("POST") == []
    balena.order(updating=[])
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_while_a_change_is_applied(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    watchdog.pass_rounds(6)
    assert balena.calls("POST") == []
    balena.order(is_applying=False)
    eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_restart_waits_for_a_change_only_as_long_as_set(tmp_path: Path, balena: Balena) -> None:
    balena.order(hung=["influxdb"], is_applying=True)
    with WatchdogWorker(tmp_path, balena, update_wait_s=1):
        eventually(lambda: bool(balena.calls(RESTARTS)), WITHIN_S, "it is restarted")


def test_a_container_that_was_recreated_between_two_probes_has_only_its_patience(
    tmp_path: Path, balena: Balena
) -> None:
    with WatchdogWorker(tmp_path, balena, HEMS_SERVICES_INFLUXDB_COOLDOWN_S=600) as worker:
        worker.pass_rounds(3)
        balena.client().restart_service("influxdb")  # by a person
        worker.pass_rounds(3)
        balena.order(hung=["influxdb"])
        eventually(partial(has_restarts, balena, 2), WITHIN_S, "it is restarted")


def has_restarts(balena: Balena, count: int) -> bool:
    return len(balena.calls(f"{RESTARTS} influxdb")) == count


def test_after_a_rejected_release_a_hung_service_is_restarted(
    watchdog: WatchdogWorker, balena: Balena
) -> None:
    balena.order(release=99, is_rejected=True)
    watchdog.pass_rounds(3)
    balena.order(hung=["influxdb"])
    eventually(partial(has_restarts, balena, 1), WITHIN_S, "it is restarted")
    watchdog.pass_rounds(6)
    assert watchdog.state().given_up == ()


def test_a_restart_that_removes_the_container_counts(tmp_path: Path, balena: Balena) -> None:
    balena.order(release=99, is_rejected=True, updating=["influxdb"], hung=["influxdb"])
    with WatchdogWorker(tmp_path, balena) as worker:
        eventually(lambda: bool(worker.restart_log()), WITHIN_S, "a restart is logged")
        worker.pass_rounds(6)
        (line,) = worker.restart_log()
        assert "not confirmed: " in line
        assert "the container was removed" in line
        assert len(balena.calls(RESTARTS)) == 1
        assert worker.state().restarts == {"influxdb": 1}


def has_given_up(worker: WatchdogWorker) -> bool:
    return worker.state().given_up == ("influxdb",)
