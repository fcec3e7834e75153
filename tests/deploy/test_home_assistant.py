"""Home Assistant behind nginx: websockets, what it learns about the visitor, large bodies, logs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.http11 import Request
from websockets.sync.server import Server, ServerConnection, serve

from tests.deploy.client import Client, basic
from tests.deploy.lan import CLIENT, HOME_ASSISTANT, PROXY, Lan
from tests.deploy.peers import HttpRequest, Peer, Reply, peer
from tests.deploy.site import Site
from tests.integration.worker_process import eventually
from tests.server_thread import serving

pytestmark = pytest.mark.deploy

KIB, MIB = 1 << 10, 1 << 20
OWN_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def frontend(request: HttpRequest) -> Reply:
    return Reply(str(len(request.body)).encode(), headers=OWN_HEADERS)


@pytest.fixture(scope="module")
def home_assistant(gateway: Site) -> Iterator[Peer]:
    with peer(gateway.lan, HOME_ASSISTANT, 8123, frontend) as server:
        yield server


@contextmanager
def echo(lan: Lan, seen: list[Request]) -> Iterator[Server]:
    """Serve websockets in Home Assistant's place, which send back what they get."""

    def respond(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)
        for message in connection:
            connection.send(message)

    with serve(respond, sock=lan.listen(HOME_ASSISTANT, 8123)) as server, serving(server):
        yield server


def test_websockets_go_through_tls(fresh: Site) -> None:
    fresh.provision()
    fresh.nginx.start()
    seen: list[Request] = []
    client = fresh.client()
    plain = fresh.lan.connect(PROXY, 443)
    url = f"wss://{PROXY}/api/websocket"

    async def exchange() -> None:
        # Not websockets' other client: its threads share a TLS connection, which only newer
        # Pythons guard.
        async with (
            asyncio.timeout(10),
            connect(url, sock=plain, ssl=client.context(), server_hostname=PROXY) as websocket,
        ):
            for message in ("hello", "x" * MIB, b"\0\1"):
                await websocket.send(message)
                assert await websocket.recv() == message

    with echo(fresh.lan, seen):
        asyncio.run(exchange())
    assert seen[0].path == "/api/websocket"
    assert seen[0].headers["X-Forwarded-For"] == CLIENT
    assert seen[0].headers["X-Forwarded-Proto"] == "https"


def test_what_a_visitor_says_about_himself_is_replaced(
    client: Client, home_assistant: Peer
) -> None:
    lies = {
        "Host": "gateway.local",
        "X-Forwarded-For": "127.0.0.1, 10.0.0.1",
        "X-Forwarded-Host": "evil.example",
    }
    assert client.ask("/auth/login_flow", lies).status == 200
    headers = home_assistant.requests[-1].headers
    assert headers.get_all("X-Forwarded-For") == [CLIENT]
    assert headers.get_all("X-Forwarded-Proto") == ["https"]
    assert headers.get_all("X-Forwarded-Host") == ["gateway.local"]
    assert headers.get_all("Host") == ["gateway.local"]


@pytest.mark.parametrize("path", ["/", "/influx/", "/ca.crt", "/healthz", "/missing"])
def test_every_answer_has_each_security_header_once(
    client: Client, home_assistant: Peer, path: str
) -> None:
    headers = client.ask(path).headers
    assert headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]


def test_nginx_does_not_say_its_version(client: Client) -> None:
    assert client.ask("/influx/").headers["Server"] == "nginx"


def test_home_assistant_may_think_longer_than_others(fresh: Site) -> None:
    fresh.provision()
    fresh.nginx.start(patience="1s")

    def think(_: HttpRequest) -> Reply:
        time.sleep(1.5)
        return Reply(b"thought")

    with peer(fresh.lan, HOME_ASSISTANT, 8123, think):
        assert fresh.client().ask("/api/").body == b"thought"


def test_a_backup_is_larger_than_what_nginx_takes_by_default(
    client: Client, home_assistant: Peer
) -> None:
    answer = client.ask("/api/backup/upload", method="POST", body=bytes(8 * MIB))
    assert answer.body == str(8 * MIB).encode()


@pytest.mark.parametrize("path", ["/auth/login_flow", "/auth/token", "/%61uth//login_flow"])
def test_what_begins_a_login_is_short(client: Client, home_assistant: Peer, path: str) -> None:
    """Home Assistant keeps it in memory, before anybody has a password."""
    before = len(home_assistant.requests)
    assert client.ask(path, method="POST", body=bytes(16 * KIB + 1)).status == 413
    assert len(home_assistant.requests) == before
    assert client.ask(path, method="POST", body=bytes(16 * KIB)).body == str(16 * KIB).encode()


def test_nothing_is_collected_on_the_way(fresh: Site) -> None:
    """Half a request and half an answer arrive before the other half is sent."""
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()
    with (
        fresh.lan.listen(HOME_ASSISTANT, 8123) as listener,
        fresh.lan.connect(PROXY, 80) as browser,
    ):
        browser.sendall(
            b"POST /api/stream HTTP/1.1\r\nHost: gateway.local\r\nContent-Length: 8\r\n\r\nhalf"
        )
        listener.settimeout(5)
        server, _ = listener.accept()
        with server:
            server.settimeout(5)
            received = b""
            while not received.endswith(b"\r\n\r\nhalf"):
                received += server.recv(4096)
            browser.sendall(b"rest")
            assert server.recv(4) == b"rest"
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
            answer = b""
            while not answer.endswith(b"\r\n\r\nhalf"):
                answer += browser.recv(4096)


def test_the_log_shows_refusals_without_what_is_secret(
    gateway: Site, client: Client, home_assistant: Peer
) -> None:
    client.ask("/configurator/?token=s3cret-query", basic(password="s3cret-password"))
    client.ask("/influx/api/v2/query?token=s3cret-query", {"Authorization": "Token s3cret-token"})
    client.ask("/api/camera?authSig=s3cret-query")
    line = f'{CLIENT} "GET /configurator/" 401'
    eventually(lambda: line in gateway.nginx.log.read_text(), 5, line)
    text = gateway.nginx.log.read_text()
    assert f'{CLIENT} "GET /influx/api/v2/query" 502' in text
    assert "s3cret" not in text
    assert "/api/camera" not in text


def test_a_webhooks_name_is_no_line_either(fresh: Site) -> None:
    fresh.provision()
    fresh.nginx.start()
    assert fresh.client().ask("/api/webhook/s3cret", method="POST").status == 502
    log = fresh.nginx.log
    eventually(lambda: '"POST /api/webhook/..." 502' in log.read_text(), 5, "the line")
    assert "s3cret" not in log.read_text()


def test_several_new_browsers_load_all_files_at_once(fresh: Site) -> None:
    """They have one address, as in a home behind a router of its own; other requests are fewer."""
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()
    with peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"ok")):
        browsers = fresh.client(CLIENT)

        def statuses(path: str, most: int) -> list[int]:
            return [browsers.ask(f"{path}{number}", tls=False).status for number in range(most)]

        for folder in ("frontend_latest", "static"):
            assert set(statuses(f"/{folder}/chunk.", 900)) == {200}
        assert set(statuses("/api/states/sensor.", 300)) == {200}
        assert 429 in statuses("/api/states/sensor.", 1500)
        assert browsers.ask("/static/icons/icon.png", tls=False).status == 200
        assert 429 in statuses("/static/late/chunk.", 2000)  # but not without end
