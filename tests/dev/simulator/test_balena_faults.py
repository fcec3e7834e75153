import json

import pytest

from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_endpoints import answer, begin, text
from hems.clients.balena import supervisor_responses
from tests.dev.simulator.supervisor_requests import (
    APP_ID,
    APP_NAME,
    RESTART,
    START,
    STATUS,
    STOP,
    application,
    container_id,
    container_status,
    get,
    post,
)
from tests.fakes.time import FakeTime


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice(APP_ID, APP_NAME)


def test_a_reboot_does_not_heal_what_is_incurable(device: SimulatedDevice) -> None:
    post(device, "/control", hung=["influxdb"], incurable=["influxdb"])
    post(device, "/v1/reboot")
    assert not device.answers("influxdb")


def test_a_lock_stops_actions_and_reboots_but_not_by_force(device: SimulatedDevice) -> None:
    post(device, "/control", is_locked=True)
    response = post(device, RESTART, serviceName="mqtt")
    assert response.status == 423
    assert json.loads(response.body)["status"] == "failed"
    assert json.loads(post(device, "/v1/reboot").body)["Error"].startswith("Lockfile exists")
    assert device.reboots == 0
    assert post(device, RESTART, serviceName="mqtt", force=True).status == 200
    assert post(device, "/v1/reboot", force=True).status == 202
    assert device.reboots == 1


def test_another_operation_of_the_supervisors_is_waited_for_even_by_force(
    device: SimulatedDevice,
) -> None:
    post(device, "/control", is_busy=True)
    for path in (RESTART, STOP, "/v1/reboot"):
        assert post(device, path, serviceName="mqtt", force=True).status == 423
    assert device.answers("mqtt")
    assert device.reboots == 0


def test_an_update_of_the_host_stops_a_reboot_only_and_not_by_force(
    device: SimulatedDevice,
) -> None:
    post(device, "/control", is_host_updating=True)
    assert post(device, RESTART, serviceName="mqtt").status == 200
    response = post(device, "/v1/reboot")
    assert response.status == 423
    assert json.loads(response.body)["Error"] == "Waiting for Host OS update to finish"
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
    device: SimulatedDevice, fault: dict[str, object], path: str, status: int
) -> None:
    assert post(device, "/control", **fault).status == 200
    response = get(device, path)
    assert response.status == status
    if fault == {"is_garbage": True}:
        with pytest.raises(ValueError, match="Unterminated"):
            json.loads(response.body)


def test_a_failing_reboot_is_500(device: SimulatedDevice) -> None:
    post(device, "/control", is_reboot_failing=True)
    assert post(device, "/v1/reboot").status == 500
    assert device.reboots == 0


def test_a_status_that_is_ordered_may_bring_a_new_service(device: SimulatedDevice) -> None:
    post(device, "/control", statuses={"wifi-repeater": "Running", "mqtt": "Downloading"})
    services = {one.name: one for one in application(device).services}
    assert services["wifi-repeater"].is_settled
    assert not services["mqtt"].is_settled
    assert json.loads(get(device, STATUS).body)["appState"] == "applying"


def test_while_an_image_is_downloaded_the_old_container_runs(device: SimulatedDevice) -> None:
    post(device, "/control", updating=["mqtt"])
    status = supervisor_responses.status(get(device, STATUS).body)
    assert all(one.is_running for one in status.containers)
    assert status.downloading == {"mqtt"}
    assert status.is_applying
    assert application(device).is_updating
    assert not any(one.is_settled for one in application(device).services)


def test_a_restart_without_the_new_image_leaves_nothing_running(device: SimulatedDevice) -> None:
    post(device, "/control", updating=["mqtt"])
    assert post(device, RESTART, serviceName="mqtt") == text(404, "")
    assert not device.answers("mqtt")
    status = supervisor_responses.status(get(device, STATUS).body)
    assert status.of("mqtt") == []
    assert "mqtt" in {one.name for one in application(device).services}
    assert post(device, RESTART, serviceName="mqtt").body.startswith(b"Service not found")
    post(device, "/control", updating=[])  # the image has arrived
    assert device.answers("mqtt")


def test_a_lock_names_its_holder_and_a_start_needs_none(device: SimulatedDevice) -> None:
    post(device, STOP, serviceName="mqtt")
    post(device, "/control", is_locked=True)
    message = json.loads(post(device, RESTART, serviceName="mqtt").body)["message"]
    assert message == f"Lockfile exists for {{ appId: {APP_ID}, service: homeassistant }}"
    assert post(device, START, serviceName="mqtt").status == 200
    assert device.answers("mqtt")


@pytest.mark.parametrize(("is_hung", "stops_s"), [(False, 0.2), (True, 10.0)])
def test_a_stop_is_answered_before_the_service_has_stopped(is_hung: bool, stops_s: float) -> None:
    time = FakeTime()
    device = SimulatedDevice(APP_ID, APP_NAME, clock=time.monotonic)
    post(device, "/control", hung=["mqtt"] if is_hung else [])
    for _ in range(2):
        assert post(device, STOP, serviceName="mqtt").body == b"OK"
        time.now += stops_s - 0.1
        assert container_status(device, "mqtt") == "Stopping"
        assert not device.answers("mqtt")
        time.now += 0.1
        assert container_status(device, "mqtt") == "exited"
        post(device, START, serviceName="mqtt")
        post(device, "/control", hung=["mqtt"] if is_hung else [])


def test_a_stop_that_fails_leaves_the_container_and_so_does_a_restart(
    device: SimulatedDevice,
) -> None:
    post(device, "/control", unstoppable=["mqtt"], grace_s=0.0)
    before = container_id(device, "mqtt")
    assert post(device, STOP, serviceName="mqtt").status == 200
    assert container_status(device, "mqtt") == "Running"
    assert post(device, RESTART, serviceName="mqtt").body == b"OK"
    assert container_id(device, "mqtt") == before


@pytest.mark.parametrize(
    ("faults", "path", "takes_s"),
    [
        ({}, RESTART, 0.2),
        ({"hung": ["mqtt"]}, RESTART, 10.0),
        ({"hung": ["mqtt"], "grace_s": 3.0}, RESTART, 3.0),
        ({"hung": ["mqtt"], "is_locked": True}, RESTART, 0.0),
        ({"is_busy": True}, RESTART, 10.0),
        ({"is_busy": True}, STOP, 10.0),
        ({"is_busy": True}, "/v1/reboot", 10.0),
        ({"is_busy": True}, STATUS, 0.0),
        ({"hung": ["mqtt"]}, STOP, 0.0),
    ],
)
def test_how_long_the_supervisor_takes(
    device: SimulatedDevice, faults: dict[str, object], path: str, takes_s: float
) -> None:
    post(device, "/control", **faults)
    assert begin(device, "POST", path, b'{"serviceName":"mqtt"}') == takes_s


def test_after_a_reboot_is_accepted_the_api_is_closed(device: SimulatedDevice) -> None:
    post(device, "/control", is_reboot_lost=True)
    assert post(device, "/v1/reboot").status == 202
    assert device.is_api_closed
    assert device.reboots == 0


def test_a_change_is_applied_for_as_long_as_ordered(device: SimulatedDevice) -> None:
    post(device, "/control", is_applying=True)
    assert supervisor_responses.status(get(device, STATUS).body).is_applying
    assert application(device).is_updating
    assert all(one.is_settled for one in application(device).services)


def test_a_hung_service_is_healed_by_a_restart_unless_incurable(device: SimulatedDevice) -> None:
    post(device, "/control", hung=["mqtt", "influxdb"], incurable=["influxdb"])
    assert not device.answers("mqtt")
    for name in ("mqtt", "influxdb"):
        post(device, RESTART, serviceName=name)
    assert device.answers("mqtt")
    assert not device.answers("influxdb")


@pytest.mark.parametrize("order", [b"{", b'{"is_locket":true}', b'{"delay_s":"x"}', b"[]"])
def test_an_order_with_a_mistake_changes_nothing(device: SimulatedDevice, order: bytes) -> None:
    before = get(device, "/control").body
    assert answer(device, "POST", "/control", order).status == 400
    assert get(device, "/control").body == before
