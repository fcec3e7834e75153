"""The client of balena's Supervisor over real HTTP: every endpoint, every kind of refusal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from dev.launcher.free_port import free_port
from hems.clients.balena import service_restart
from hems.clients.balena.supervisor_api import (
    BalenaSupervisor,
    SupervisorAccess,
    SupervisorFailed,
    SupervisorLocked,
)
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from tests.integration.balena import APP_ID, APP_NAME, KEY, Balena
from tests.integration.scripted import Scripted
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

LAST = "the body ends before its last chunk"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding:chunked\r\n\r\n"
QUESTIONS = ["status", "application", "is_vpn_connected"]


def client_of(port: int, timeout_s: float = 1.0) -> BalenaSupervisor:
    address = f"http://127.0.0.1:{port}"
    return BalenaSupervisor(SupervisorAccess(address, KEY, APP_ID, APP_NAME, timeout_s, timeout_s))


def test_every_endpoint(balena: Balena) -> None:
    client = balena.client()
    assert "mqtt" in {one.service_name for one in client.status().containers}
    assert all(one.is_settled for one in client.application().services)
    assert client.is_vpn_connected()
    client.stop_service("mqtt")
    stopped = {one.service_name: one.is_running for one in client.status().containers}
    assert not stopped["mqtt"]  # it is Stopping
    client.restart_service("mqtt")
    assert all(one.is_running for one in client.status().containers)
    client.reboot()
    assert balena.calls("POST")[-1] == "POST /v1/reboot"


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"is_locked": True}, SupervisorLocked, "423, locked: Lockfile exists"),
        ({"is_unavailable": True}, SupervisorFailed, "503: Supervisor is not ready"),
        ({"delay_s": 3.0}, Unavailable, "no answer within 0.5 s"),
    ],
    ids=["locked", "unavailable", "slow"],
)
@pytest.mark.parametrize(
    "act",
    [lambda c: c.restart_service("mqtt"), lambda c: c.stop_service("mqtt")],
    ids=["restart", "stop"],
)
def test_an_action_that_is_not_taken(
    balena: Balena,
    act: Callable[[BalenaSupervisor], None],
    fault: dict[str, object],
    kind: type[HemsError],
    words: str,
) -> None:
    balena.order(**fault)
    with pytest.raises(kind, match=words) as raised:
        act(balena.client(timeout_s=0.5))
    assert type(raised.value) is kind
    assert KEY not in str(raised.value)


def test_a_reboot_that_fails_or_is_locked(balena: Balena) -> None:
    balena.order(is_reboot_failing=True)
    with pytest.raises(Unavailable, match="500: Reboot failed"):
        balena.client().reboot()
    balena.order(is_reboot_failing=False, is_locked=True)
    with pytest.raises(SupervisorLocked, match="Lockfile exists"):
        balena.client().reboot()


def test_a_service_that_is_not_there(balena: Balena) -> None:
    with pytest.raises(Rejected, match="404, unknown to the Supervisor: Service not found"):
        balena.client().restart_service("nothing")


def test_a_restart_without_an_image_removes_the_container(balena: Balena) -> None:
    balena.order(updating=["mqtt"])
    with pytest.raises(SupervisorFailed, match="404 without a text: the container was removed"):
        balena.client().restart_service("mqtt")
    assert balena.client().status().of("mqtt") == []


def test_a_wrong_application_is_not_called_a_wrong_key(balena: Balena) -> None:
    with pytest.raises(Rejected, match=r"401, .* for this application; see BALENA_APP_ID"):
        balena.client(app_id=APP_ID + 1).restart_service("mqtt")


def test_a_service_that_hangs_takes_its_grace_period_to_restart(balena: Balena) -> None:
    balena.order(hung=["mqtt"], grace_s=1.5)
    (before,) = balena.client().status().of("mqtt")
    with pytest.raises(Unavailable, match="no answer within"):
        balena.client(timeout_s=0.5).restart_service("mqtt")
    (stopping,) = balena.client().status().of("mqtt")
    assert (stopping.container_id, stopping.status) == (before.container_id, "Stopping")
    eventually(lambda: bool(balena.client().status().running("mqtt")), 5, "it has been restarted")
    balena.order(hung=["mqtt"])
    service_restart.replace_container(balena.client(timeout_s=3.0), "mqtt", before.container_id)


def test_an_ok_for_a_container_that_was_not_replaced_is_an_error(balena: Balena) -> None:
    balena.order(unstoppable=["mqtt"], grace_s=0.1)
    (before,) = balena.client().status().of("mqtt")
    balena.client().restart_service("mqtt")
    with pytest.raises(SupervisorFailed, match="the same container of mqtt still runs"):
        service_restart.replace_container(balena.client(), "mqtt", before.container_id)


def test_after_an_accepted_reboot_the_api_is_closed_until_the_supervisor_starts(
    balena: Balena,
) -> None:
    for _ in range(2):
        balena.order(is_reboot_lost=True)
        balena.client().reboot()
        for _ in range(3):
            with pytest.raises(Unavailable, match="Connection refused"):
                balena.client().status()
        balena.restart_supervisor()
        assert balena.client().status().running("mqtt")
    balena.order(is_reboot_lost=False, boot_s=0.3)
    balena.client().reboot()
    with pytest.raises(Unavailable, match="Connection refused"):
        balena.client().status()
    eventually(partial(is_up, balena), 5, "the machine has booted")


def is_up(balena: Balena) -> bool:
    try:
        return balena.client().is_vpn_connected()
    except Unavailable:
        return False


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_wrong_key_is_refused_and_not_shown(balena: Balena, question: str) -> None:
    with pytest.raises(Rejected, match="401, the key is not valid") as raised:
        getattr(balena.client(key="another-secret"), question)()
    assert "another-secret" not in str(raised.value)


@pytest.mark.parametrize("question", QUESTIONS)
def test_garbage_is_refused(balena: Balena, question: str) -> None:
    balena.order(is_garbage=True)
    with pytest.raises(ProtocolError, match="balena Supervisor: "):
        getattr(balena.client(), question)()


def test_nobody_there() -> None:
    with pytest.raises(Unavailable, match="GET /v2/device/vpn: Connection refused"):
        client_of(free_port(None)).is_vpn_connected()


def test_the_key_is_in_the_header_and_not_in_the_address() -> None:
    with Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK") as server:
        client_of(server.port).restart_service("mqtt")
        (request,) = server.requests
    line, _, rest = request.partition(b"\r\n")
    assert line == f"POST /v2/applications/{APP_ID}/restart-service HTTP/1.1".encode()
    assert f"Authorization: Bearer {KEY}\r\n".encode() in rest


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"SSH-2.0-OpenSSH\r\n", ProtocolError, "expected an HTTP status line"),
        (b"HTTP/1.1 200 OK\r\ncontent-length:100\r\n\r\nOK", ProtocolError, "98 are missing"),
        (CHUNKED, ProtocolError, LAST),
        (CHUNKED + b"9\r\nO", ProtocolError, "1 bytes of a chunk, 8 are missing"),
        (CHUNKED + b"2\r\nOK\r\n", ProtocolError, LAST),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ProtocolError, "balena Supervisor: "),
        (b"HTTP/1.1 500 x\r\n\r\n" + b"x" * 10_000, Unavailable, "500: x{200}$"),
    ],
    ids=["ssh", "cut off", "no chunk", "half a chunk", "no last chunk", "empty", "a long reason"],
)
def test_a_peer_that_breaks_http_is_survived(
    answer: bytes, kind: type[HemsError], words: str
) -> None:
    with Scripted(answer) as server, pytest.raises(kind, match=words):
        client_of(server.port).is_vpn_connected()


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    with Scripted(b"HTTP/1.1 200 OK\r\n\r\n", b"OK") as server:
        client_of(server.port).restart_service("mqtt")
