import json
from pathlib import Path

import pytest

from dev.check import compose_file
from dev.simulator.balena_device import GRACE_S, SimulatedDevice
from dev.simulator.balena_endpoints import SupervisorAnswer, answer
from hems.clients.balena import supervisor_responses
from tests.dev.simulator.supervisor_requests import (
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
def device() -> SimulatedDevice:
    return SimulatedDevice(APP_ID, APP_NAME)


def test_its_answers_are_understood(device: SimulatedDevice) -> None:
    status = supervisor_responses.status(get(device, STATUS).body)
    home = application(device)
    assert {one.name for one in home.services} == {one.service_name for one in status.containers}
    assert all(one.is_settled for one in home.services)
    assert status.downloading == frozenset()
    assert not status.is_applying
    assert not home.is_updating
    assert supervisor_responses.is_vpn_connected(get(device, "/v2/device/vpn").body)


def test_a_restart_recreates_the_container_of_that_service_only(device: SimulatedDevice) -> None:
    mqtt, influxdb = container_id(device, "mqtt"), container_id(device, "influxdb")
    assert post(device, RESTART, serviceName="mqtt").body == b"OK"
    assert container_id(device, "mqtt") != mqtt
    assert container_id(device, "influxdb") == influxdb


def test_a_reboot_starts_every_container_again_and_makes_none(device: SimulatedDevice) -> None:
    post(device, "/control", statuses={"wifi-repeater": "exited"}, hung=["influxdb"])
    before = dict(device.containers)
    post(device, "/v1/reboot")
    assert device.containers == before
    assert set(device.statuses.values()) == {"Running"}
    assert device.answers("influxdb")


def test_a_stopped_service_comes_back_with_a_reboot(device: SimulatedDevice) -> None:
    assert post(device, STOP, serviceName="mqtt").status == 200
    assert not device.answers("mqtt")
    assert post(device, "/v1/reboot", force=False) == SupervisorAnswer(
        202, b'{"Data":"OK","Error":null}'
    )
    assert device.answers("mqtt")
    assert device.reboots == 1


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        (RESTART, {}, 400),
        (RESTART, {"serviceName": "none"}, 404),
        ("/v2/applications/8/restart-service", {"serviceName": "mqtt"}, 401),
        ("/v2/applications/x/restart-service", {"serviceName": "mqtt"}, 400),
        ("/v2/nothing", {}, 404),
        (RESTART, {"serviceName": 3}, 400),
    ],
)
def test_requests_that_make_no_sense(
    device: SimulatedDevice, path: str, order: dict[str, object], status: int
) -> None:
    assert post(device, path, **order).status == status


def test_a_wrong_application_is_401_in_json_and_a_service_that_is_not_there_404_in_text(
    device: SimulatedDevice,
) -> None:
    response = post(device, "/v2/applications/8/restart-service", serviceName="mqtt")
    assert response.body == b'{"status":"failed","message":"Unauthorized"}'
    response = post(device, RESTART, serviceName="none")
    assert response.body.startswith(b"Service not found")


@pytest.mark.parametrize("path", [RESTART, "/v1/reboot"])
def test_a_body_that_is_not_json_is_503(device: SimulatedDevice, path: str) -> None:
    response = answer(device, "POST", path, b'{"serviceName":')
    assert response.status == 503
    assert json.loads(response.body)["status"] == "failed"


def test_the_grace_periods_are_those_of_docker_compose() -> None:
    services = compose_file.read(Path(__file__).parents[3]).services
    wanted = {name: compose_file.seconds(one.stop_grace_period) for name, one in services.items()}
    assert wanted == GRACE_S


def test_it_blinks(device: SimulatedDevice) -> None:
    assert post(device, "/v1/blink").status == 200


def test_a_new_release_recreates_every_container_but_those_that_it_does_not_change(
    device: SimulatedDevice,
) -> None:
    mqtt, influxdb = container_id(device, "mqtt"), container_id(device, "influxdb")
    for release in (98, 99):
        post(device, "/control", release=release, unchanged=["influxdb"])
        assert container_id(device, "mqtt") != mqtt
        assert container_id(device, "influxdb") == influxdb
        assert {one.release_id for one in application(device).services} == {release}
        mqtt = container_id(device, "mqtt")


def test_a_release_is_wanted_before_it_runs(device: SimulatedDevice) -> None:
    old, mqtt = json.loads(get(device, STATUS).body)["release"], container_id(device, "mqtt")
    post(device, "/control", release=99, updating=["mqtt"])
    assert {one.release_id for one in application(device).services} == {99}
    assert json.loads(get(device, STATUS).body)["release"] == old
    assert container_id(device, "mqtt") == mqtt
    post(device, "/control", updating=[])
    assert json.loads(get(device, STATUS).body)["release"] != old
    assert container_id(device, "mqtt") != mqtt


def test_a_rejected_release_changes_no_container(device: SimulatedDevice) -> None:
    before = dict(device.containers)
    post(device, "/control", release=99, is_rejected=True)
    home = application(device)
    assert (home.is_rejected, home.services, home.is_updating) == (True, (), False)
    status = supervisor_responses.status(get(device, STATUS).body)
    assert all(one.is_running for one in status.containers)
    assert not status.is_applying
    assert device.containers == before


def test_a_container_has_the_time_of_its_creation(device: SimulatedDevice) -> None:
    post(device, RESTART, serviceName="mqtt")
    status = supervisor_responses.status(get(device, STATUS).body)
    ages = [one.age_s(device.created_at[one.service_name] + 60.0) for one in status.containers]
    assert ages == [pytest.approx(60.0, abs=0.002)] * len(ages)


def test_the_calls_are_kept_with_their_service(device: SimulatedDevice) -> None:
    get(device, STATUS)
    post(device, RESTART, serviceName="mqtt")
    control = json.loads(get(device, "/control").body)
    assert control["calls"] == [f"GET {STATUS}", f"POST {RESTART} mqtt"]
