import json

import pytest

from hems.clients import balena_answers
from hems.desk.balena_api import Answer
from hems.desk.fleet import Device
from tests.desk.simulated import (
    APP_ID,
    APP_NAME,
    RESTART,
    STATUS,
    STOP,
    application,
    container_id,
    get,
    post,
)


@pytest.fixture
def device() -> Device:
    return Device(APP_ID, APP_NAME)


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


def test_a_reboot_starts_every_container_again_and_makes_none(device: Device) -> None:
    post(device, "/control", statuses={"wifi-repeater": "exited"}, hung=["influxdb"])
    before = dict(device.containers)
    post(device, "/v1/reboot")
    assert device.containers == before
    assert set(device.statuses.values()) == {"Running"}
    assert device.answers("influxdb")


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


def test_it_blinks(device: Device) -> None:
    assert post(device, "/v1/blink").status == 200


def test_a_new_release_recreates_every_container(device: Device) -> None:
    before = container_id(device, "mqtt")
    post(device, "/control", release=99)
    assert container_id(device, "mqtt") != before
    assert {one.release_id for one in application(device).services} == {99}


def test_the_calls_are_kept_with_their_service(device: Device) -> None:
    get(device, STATUS)
    post(device, RESTART, serviceName="mqtt")
    told = json.loads(get(device, "/control").body)
    assert told["calls"] == [f"GET {STATUS}", f"POST {RESTART} mqtt"]
