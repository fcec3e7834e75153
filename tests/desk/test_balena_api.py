import json

import pytest

from hems.clients import balena_answers
from hems.desk.balena_api import Answer, answer
from hems.desk.fleet import Device

STATUS = "/v2/state/status"
RESTART, STOP = "/v2/applications/7/restart-service", "/v2/applications/7/stop-service"


@pytest.fixture
def device() -> Device:
    return Device(7, "home")


def post(device: Device, path: str, **order: object) -> Answer:
    return answer(device, "POST", path, json.dumps(order).encode())


def get(device: Device, path: str) -> Answer:
    return answer(device, "GET", path, b"")


def container_id(device: Device, name: str) -> str:
    body = get(device, "/v2/state/status").body
    found = {one.service_name: one for one in balena_answers.status(body).containers}
    return found[name].container_id


def application(device: Device) -> balena_answers.Application:
    return balena_answers.application(get(device, "/v2/applications/state").body, "home")


def test_its_answers_are_understood(device: Device) -> None:
    status = balena_answers.status(get(device, STATUS).body)
    home = application(device)
    assert {one.name for one in home.services} == {one.service_name for one in status.containers}
    assert all(one.is_settled for one in home.services)
    assert status.downloading == frozenset()
    assert not status.is_applying
    assert not home.is_updating
    assert balena_answers.is_vpn_connected(get(device, "/v2/device/vpn").body)


def test_a_restart_recreates_the_container_of_that_service_only(device: Device) -> None:
    mqtt, influxdb = container_id(device, "mqtt"), container_id(device, "influxdb")
    assert post(device, RESTART, serviceName="mqtt").body == b"OK"
    assert container_id(device, "mqtt") != mqtt
    assert container_id(device, "influxdb") == influxdb


def test_a_stopped_service_comes_back_with_a_reboot(device: Device) -> None:
    assert post(device, STOP, serviceName="mqtt").status == 200
    assert not device.answers("mqtt")
    assert post(device, "/v1/reboot", force=False) == Answer(202, b'{"Data":"OK","Error":null}')
    assert device.answers("mqtt")
    assert device.reboots == 1


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        (RESTART, {}, 400),
        (RESTART, {"serviceName": "none"}, 404),
        ("/v2/applications/8/restart-service", {"serviceName": "mqtt"}, 404),
        ("/v2/nothing", {}, 404),
        (RESTART, {"serviceName": 3}, 400),
    ],
)
def test_requests_that_make_no_sense(
    device: Device, path: str, order: dict[str, object], status: int
) -> None:
    assert post(device, path, **order).status == status


def test_a_lock_stops_actions_and_reboots_but_not_by_force(device: Device) -> None:
    post(device, "/control", is_locked=True)
    found = post(device, RESTART, serviceName="mqtt")
    assert found.status == 423
    assert json.loads(found.body)["status"] == "failed"
    assert json.loads(post(device, "/v1/reboot").body)["Error"].startswith("Lockfile exists")
    assert device.reboots == 0
    assert post(device, RESTART, serviceName="mqtt", force=True).status == 200


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


def test_a_new_release_recreates_every_container(device: Device) -> None:
    before = container_id(device, "mqtt")
    post(device, "/control", release=99)
    assert container_id(device, "mqtt") != before
    assert {one.release_id for one in application(device).services} == {99}


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
    assert post(device, RESTART, serviceName="mqtt").status == 500
    assert not device.answers("mqtt")


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


def test_the_calls_are_kept_with_their_service(device: Device) -> None:
    get(device, STATUS)
    post(device, RESTART, serviceName="mqtt")
    told = json.loads(get(device, "/control").body)
    assert told["calls"] == [f"GET {STATUS}", f"POST {RESTART} mqtt"]
