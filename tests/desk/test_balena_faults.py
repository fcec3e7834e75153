import json

import pytest

from hems.clients import balena_answers
from hems.desk.balena_api import answer
from hems.desk.fleet import Device
from tests.desk.simulated import (
    APP_ID,
    APP_NAME,
    RESTART,
    STATUS,
    STOP,
    application,
    get,
    post,
)


@pytest.fixture
def device() -> Device:
    return Device(APP_ID, APP_NAME)


def test_a_reboot_does_not_heal_what_is_incurable(device: Device) -> None:
    post(device, "/control", hung=["influxdb"], incurable=["influxdb"])
    post(device, "/v1/reboot")
    assert not device.answers("influxdb")


def test_a_lock_stops_actions_and_reboots_but_not_by_force(device: Device) -> None:
    post(device, "/control", is_locked=True)
    found = post(device, RESTART, serviceName="mqtt")
    assert found.status == 423
    assert json.loads(found.body)["status"] == "failed"
    assert json.loads(post(device, "/v1/reboot").body)["Error"].startswith("Lockfile exists")
    assert device.reboots == 0
    assert post(device, RESTART, serviceName="mqtt", force=True).status == 200
    assert post(device, "/v1/reboot", force=True).status == 202
    assert device.reboots == 1


def test_another_operation_of_the_supervisors_is_waited_for_even_by_force(device: Device) -> None:
    post(device, "/control", is_busy=True)
    for path in (RESTART, STOP, "/v1/reboot"):
        assert post(device, path, serviceName="mqtt", force=True).status == 423
    assert device.answers("mqtt")
    assert device.reboots == 0


def test_an_update_of_the_host_stops_a_reboot_only_and_not_by_force(device: Device) -> None:
    post(device, "/control", is_host_updating=True)
    assert post(device, RESTART, serviceName="mqtt").status == 200
    found = post(device, "/v1/reboot")
    assert found.status == 423
    assert json.loads(found.body)["Error"] == "Waiting for Host OS update to finish"
    assert post(device, "/v1/reboot", force=True).status == 202


@pytest.mark.parametrize(
    ("fault", "path", "status"),
    [
        ({"is_unavailable": True}, STATUS, 503),
        ({"is_garbage": True}, STATUS, 200),
        ({"internet": "portal"}, "/generate_204", 302),
        ({"internet": "none"}, "/generate_204", 500),
        ({}, "/generate_204", 204),
    ],
)
def test_faults_that_are_ordered(
    device: Device, fault: dict[str, object], path: str, status: int
) -> None:
    assert post(device, "/control", **fault).status == 200
    found = get(device, path)
    assert found.status == status
    if fault == {"is_garbage": True}:
        with pytest.raises(ValueError, match="Unterminated"):
            json.loads(found.body)


def test_a_failing_reboot_is_500(device: Device) -> None:
    post(device, "/control", is_reboot_failing=True)
    assert post(device, "/v1/reboot").status == 500
    assert device.reboots == 0


def test_a_status_that_is_ordered_may_bring_a_new_service(device: Device) -> None:
    post(device, "/control", statuses={"wifi-repeater": "Running", "mqtt": "Downloading"})
    services = {one.name: one for one in application(device).services}
    assert services["wifi-repeater"].is_settled
    assert not services["mqtt"].is_settled
    assert json.loads(get(device, STATUS).body)["appState"] == "applying"


def test_while_an_image_is_downloaded_the_old_container_runs(device: Device) -> None:
    post(device, "/control", updating=["mqtt"])
    status = balena_answers.status(get(device, STATUS).body)
    assert all(one.is_running for one in status.containers)
    assert status.downloading == {"mqtt"}
    assert status.is_applying
    assert application(device).is_updating
    assert not any(one.is_settled for one in application(device).services)


def test_a_restart_without_the_new_image_leaves_nothing_running(device: Device) -> None:
    post(device, "/control", updating=["mqtt"])
    assert post(device, RESTART, serviceName="mqtt").status == 503
    assert not device.answers("mqtt")
    found = balena_answers.status(get(device, STATUS).body).containers
    assert {one.service_name for one in found if not one.is_running} == {"mqtt"}


def test_a_change_is_applied_for_as_long_as_ordered(device: Device) -> None:
    post(device, "/control", is_applying=True)
    assert balena_answers.status(get(device, STATUS).body).is_applying
    assert application(device).is_updating
    assert all(one.is_settled for one in application(device).services)


def test_a_hung_service_is_healed_by_a_restart_unless_incurable(device: Device) -> None:
    post(device, "/control", hung=["mqtt", "influxdb"], incurable=["influxdb"])
    assert not device.answers("mqtt")
    for name in ("mqtt", "influxdb"):
        post(device, RESTART, serviceName=name)
    assert device.answers("mqtt")
    assert not device.answers("influxdb")


@pytest.mark.parametrize("order", [b"{", b'{"is_locket":true}', b'{"delay_s":"x"}', b"[]"])
def test_an_order_with_a_mistake_changes_nothing(device: Device, order: bytes) -> None:
    before = get(device, "/control").body
    assert answer(device, "POST", "/control", order).status == 400
    assert get(device, "/control").body == before
