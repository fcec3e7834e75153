"""The client of balena's Supervisor over real HTTP: every endpoint, every kind of refusal."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from hems.clients.balena import Access, BalenaSupervisor, Failed, Locked
from hems.desk.up import free_port
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from tests.integration.balena import APP_ID, APP_NAME, KEY, Balena
from tests.integration.scripted import Scripted

pytestmark = pytest.mark.integration

QUESTIONS = ["status", "application", "is_vpn_connected"]


def client_of(port: int, timeout_s: float = 1.0) -> BalenaSupervisor:
    address = f"http://127.0.0.1:{port}"
    return BalenaSupervisor(Access(address, KEY, APP_ID, APP_NAME, timeout_s, timeout_s))


def test_every_endpoint(balena: Balena) -> None:
    client = balena.client()
    assert "mqtt" in {one.service_name for one in client.status().containers}
    assert all(one.is_settled for one in client.application().services)
    assert client.is_vpn_connected()
    client.stop_service("mqtt")
    stopped = {one.service_name: one.is_running for one in client.status().containers}
    assert not stopped["mqtt"]
    client.restart_service("mqtt")
    assert all(one.is_running for one in client.status().containers)
    client.reboot()
    assert balena.calls("POST")[-1] == "POST /v1/reboot"


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"is_locked": True}, Locked, "423, locked: Lockfile exists"),
        ({"is_unavailable": True}, Failed, "503: Supervisor is not ready"),
        ({"delay_s": 3.0}, Unavailable, "no answer within 0.5 s"),
    ],
)
@pytest.mark.parametrize(
    "act", [lambda c: c.restart_service("mqtt"), lambda c: c.stop_service("mqtt")]
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
    with pytest.raises(Locked, match="Lockfile exists"):
        balena.client().reboot()


def test_a_service_that_is_not_there(balena: Balena) -> None:
    with pytest.raises(Rejected, match="404, unknown to it: Service not found"):
        balena.client().restart_service("nothing")


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
    assert line == f"POST /v2/applications/{APP_ID}/restart-service HTTP/1.0".encode()
    assert f"Authorization: Bearer {KEY}\r\n".encode() in rest


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (Scripted(b"SSH-2.0-OpenSSH\r\n"), ProtocolError),
        (Scripted(b""), (ProtocolError, Unavailable)),
        (Scripted(HEAD + b"Content-Length: 100\r\n\r\n{}"), ProtocolError),
        (Scripted(HEAD + b"Content-Length: 5000000\r\n\r\n" + b"x" * 5_000_000), ProtocolError),
        (Scripted(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), ProtocolError),
        (Scripted(b"HTTP/1.1 204 No Content\r\n\r\n"), ProtocolError),
        (Scripted(is_silent=True), Unavailable),
        (Scripted(HEAD + b"Content-Length: 9\r\n\r\n", *[b" "] * 9, pause_s=0.2), Unavailable),
        (Scripted(*[HEAD[n : n + 1] for n in range(len(HEAD))], pause_s=0.2), Unavailable),
    ],
    ids=[
        "ssh",
        "hang-up",
        "cut off",
        "too long",
        "bad chunk",
        "empty",
        "silent",
        "body drips",
        "header drips",
    ],
)
def test_a_peer_that_breaks_http_is_survived(
    server: Scripted, kind: type[HemsError] | tuple[type[HemsError], ...]
) -> None:
    with server:
        started = time.monotonic()
        with pytest.raises(kind):
            client_of(server.port).is_vpn_connected()
        assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length:100\r\n\r\nOK", "found 2 bytes, expected 100"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nOK", "found 2 bytes, expected 1"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000, "more than 4000000 bytes"),
        (b"HTTP/1.1 20", "found b'HTTP/1.1 20', expected an HTTP status line"),
    ],
    ids=["cut off", "too long", "far too long", "no status"],
)
def test_an_answer_that_is_not_whole_is_no_answer(answer: bytes, words: str) -> None:
    with Scripted(answer) as server, pytest.raises(ProtocolError, match=words):
        client_of(server.port).restart_service("mqtt")


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    with Scripted(b"HTTP/1.1 200 OK\r\n\r\n", b"OK") as server:
        client_of(server.port).restart_service("mqtt")
