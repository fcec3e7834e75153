from datetime import UTC, datetime

import pytest

from hems.clients.balena.supervisor_api import (
    SupervisorAccess,
    SupervisorFailed,
    SupervisorLocked,
    refusal,
)
from hems.clients.balena.supervisor_responses import (
    ApplicationState,
    Container,
    DeviceStatus,
    ServiceState,
    application,
    is_vpn_connected,
    status,
)
from hems.clients.http import HttpResponse
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable

STATUS = (
    b'{"status":"success","appState":"applied","containers":[{"status":"Running",'
    b'"serviceName":"mqtt","appId":7,"imageId":1,"serviceId":2,"containerId":"c1",'
    b'"createdAt":"2026-01-01T00:00:00.000Z"}],"images":[{"name":"registry/old","appId":7,'
    b'"serviceName":"mqtt","imageId":1,"dockerImageId":"sha256:1","status":"Downloaded",'
    b'"downloadProgress":null}],"release":"abc"}'
)
STATE = (
    b'{"home":{"appId":7,"appUuid":"u","commit":"abc","updateStatus":"done","services":{'
    b'"mqtt":{"status":"Running","image":"i","downloadProgress":null,"releaseId":12},'
    b'"influxdb":{"status":"Downloading","image":"i","downloadProgress":40,"releaseId":13}}}}'
)
VPN = b'{"status":"success","vpn":{"enabled":true,"connected":true}}'


def test_a_device_at_rest() -> None:
    container = Container("mqtt", "Running", "c1", "2026-01-01T00:00:00.000Z")
    assert status(STATUS) == DeviceStatus((container,), frozenset(), False)


def test_an_image_on_its_way_is_of_a_service() -> None:
    image = b'{"serviceName":"mqtt","status":"Downloading","downloadProgress":12}'
    device = status(STATUS.replace(b'"images":[', b'"images":[' + image + b","))
    assert device.downloading == {"mqtt"}


def test_an_update_that_is_applied() -> None:
    assert status(STATUS.replace(b'"applied"', b'"applying"')).is_applying


def test_an_old_supervisor_says_less() -> None:
    assert status(b'{"containers":[]}') == DeviceStatus((), frozenset(), False)
    assert application(b'{"home":{"services":{}}}', "home") == ApplicationState((), False)


@pytest.mark.parametrize(
    ("status", "is_updating"),
    [
        ("downloading", True),
        ("downloaded", True),
        ("applying changes", True),
        ("applying", True),
        ("done", False),
        ("aborted", False),
        ("rejected", False),
    ],
)
def test_how_far_an_update_is(status: str, is_updating: bool) -> None:
    state = application(STATE.replace(b'"done"', f'"{status}"'.encode()), "home")
    assert state.is_updating is is_updating


def test_the_id_of_an_application() -> None:
    assert application(STATE, "home").app_id == 7


def test_a_rejected_release_has_no_services() -> None:
    state = application(b'{"home":{"updateStatus":"rejected","services":{}}}', "home")
    assert state == ApplicationState((), is_updating=False, is_rejected=True)


@pytest.mark.parametrize(
    ("created_at", "age_s"),
    [
        ("2026-01-01T00:00:00.000Z", 60.0),
        ("2026-01-01T00:00:00Z", 60.0),
        ("2026-01-01T01:00:00+01:00", 60.0),
        ("2026-01-01T00:02:00.000Z", -60.0),
        ("2026-01-01T00:00:00", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_the_age_of_a_container(created_at: str, age_s: float | None) -> None:
    now = datetime(2026, 1, 1, 0, 1, tzinfo=UTC).timestamp()
    assert Container("mqtt", "Running", "c1", created_at).age_s(now) == age_s


@pytest.mark.parametrize(
    "state", ["Stopping", "Starting", "Dead", "paused", "restarting", "exited", "Handing over"]
)
def test_only_running_is_running(state: str) -> None:
    body = STATUS.replace(b'"Running"', f'"{state}"'.encode())
    assert status(body).running("mqtt") is None
    (container,) = status(body).of("mqtt")
    assert not container.is_running


def test_two_containers_of_a_service_are_a_handover() -> None:
    one = b'{"serviceName":"mqtt","status":"Running","containerId":"c'
    device = status(b'{"containers":[' + one + b'1"},' + one + b'2"}]}')
    assert len(device.of("mqtt")) == 2
    assert device.running("mqtt") is None


def test_the_services_of_an_application() -> None:
    mqtt, influxdb = application(STATE, "home").services
    assert mqtt == ServiceState("Running", 12, None, "mqtt")
    assert mqtt.is_settled
    assert influxdb == ServiceState("Downloading", 13, 40.0, "influxdb")
    assert not influxdb.is_settled


def test_a_service_without_a_release_is_no_obstacle() -> None:
    body = b'{"home":{"services":{"mqtt":{"status":"Installing"}}}}'
    assert application(body, "home").services == (ServiceState("Installing", None, None, "mqtt"),)


def test_an_application_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(Unavailable, match="found the applications home, expected office"):
        application(STATE, "office")


def test_the_vpn() -> None:
    assert is_vpn_connected(VPN)
    assert not is_vpn_connected(VPN.replace(b'"connected":true', b'"connected":false'))


def test_an_answer_cut_anywhere_is_refused() -> None:
    for end in range(len(STATUS)):
        with pytest.raises(ProtocolError):
            status(STATUS[:end])
    for end in range(len(STATE)):
        with pytest.raises(ProtocolError):
            application(STATE[:end], "home")


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b'{"containers":{}}', b"\xff", b"OK"])
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="balena Supervisor: "):
        status(body)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (400, Rejected, "what: 400: said"),
        (401, Rejected, "what: 401, the key is not valid; see BALENA_SUPERVISOR_API_KEY"),
        (404, Rejected, "what: 404, unknown to the Supervisor: said"),
        (423, SupervisorLocked, "what: 423, locked: said"),
        (500, Unavailable, "what: 500: said"),
        (503, SupervisorFailed, "what: 503: said"),
        (302, Unavailable, "what: 302: said"),
    ],
)
def test_refusals_are_told_apart(code: int, kind: type[HemsError], words: str) -> None:
    error = refusal(HttpResponse(code, b"said"), "what")
    assert type(error) is kind
    assert str(error) == words


@pytest.mark.parametrize("body", [b"", b"\r\n"])
def test_404_without_a_text_is_an_action_that_failed(body: bytes) -> None:
    error = refusal(HttpResponse(404, body), "what")
    assert type(error) is SupervisorFailed
    assert str(error).startswith("what: 404 without a text: the container was removed")


def test_a_wrong_application_is_not_called_a_wrong_key() -> None:
    body = b'{"status":"failed","message":"Unauthorized"}'
    error = refusal(HttpResponse(401, body), "what")
    assert type(error) is Rejected
    assert str(error) == "what: 401, the key is not valid for this application; see BALENA_APP_ID"


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(SupervisorAccess("http://h", "secret", 1, "home", 1.0, 1.0))


def test_an_odd_container_hides_no_other() -> None:
    odd = b'{"serviceName":null,"status":"Running","containerId":"x"}'
    good = b'{"serviceName":"mqtt","status":"Running","containerId":"c1"}'
    odd = b'{"containers":[' + odd + b"," + good + b"]}"
    assert status(odd).containers == (Container("mqtt", "Running", "c1"),)


@pytest.mark.parametrize(
    "other", [b"{}", b"null", b'{"services":null}', b'{"services":{"x":3}}', b"[]"]
)
def test_an_odd_application_hides_not_ours(other: bytes) -> None:
    body = b'{"other":' + other + b"," + STATE.removeprefix(b"{")
    assert application(body, "home") == application(STATE, "home")


@pytest.mark.parametrize(
    "odd", [b"{}", b"null", b'{"status":null}', b'{"status":"x","releaseId":"y"}']
)
def test_an_odd_service_hides_no_other(odd: bytes) -> None:
    body = STATE.replace(b'"services":{', b'"services":{"odd":' + odd + b",")
    assert application(body, "home") == application(STATE, "home")


@pytest.mark.parametrize("ours", [b"null", b"{}", b"[]", b'{"services":3}'])
def test_an_application_without_services_makes_no_sense(ours: bytes) -> None:
    with pytest.raises(ProtocolError, match="balena Supervisor: "):
        application(b'{"home":' + ours + b"}", "home")
