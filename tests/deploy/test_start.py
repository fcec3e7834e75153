"""nginx's own life: it starts whatever is missing, and stops in time."""

from __future__ import annotations

import ssl
import time

import pytest

from tests.deploy.client import basic
from tests.deploy.lan import CONFIGURATOR, HOME_ASSISTANT, PROXY
from tests.deploy.peers import Reply, peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy


def test_it_starts_without_any_peer_or_file_and_uses_them_once_there(fresh: Site) -> None:
    fresh.nginx.start()
    client = fresh.client()
    assert client.ask("/healthz", tls=False).status == 204
    for path in ("/", "/ca.crt", "/configurator/"):  # it knows no name of the gateway yet
        assert client.ask(path, basic(), tls=False).status == 421
    with pytest.raises(ssl.SSLError):
        ssl._create_unverified_context().wrap_socket(fresh.lan.connect(PROXY, 443))

    fresh.provision()
    with (
        peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"Home Assistant")),
        peer(fresh.lan, CONFIGURATOR, 3218, lambda _: Reply(b"editor")),
    ):
        assert client.ask("/").body == b"Home Assistant"
        assert client.ask("/configurator/", basic()).body == b"editor"
    assert client.ask("/").status == 502


def test_a_new_password_counts_at_once(fresh: Site) -> None:
    fresh.provision()
    fresh.nginx.start()
    client = fresh.client()
    assert client.ask("/configurator/", basic()).status == 502
    fresh.provision("nginx/htpasswd", CONFIG_PASSWORD="new only in tests")
    assert client.ask("/configurator/", basic()).status == 401
    assert client.ask("/configurator/", basic(password="new only in tests")).status == 502


def test_it_stops_in_time_although_a_websocket_is_open(fresh: Site) -> None:
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()
    listener = fresh.lan.listen(HOME_ASSISTANT, 8123)
    browser = fresh.lan.connect(PROXY, 80)
    browser.sendall(
        b"GET / HTTP/1.1\r\nHost: gateway.local\r\n"
        b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    listener.settimeout(5)
    server, _ = listener.accept()
    server.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    assert browser.recv(12) == b"HTTP/1.1 101"
    started = time.monotonic()
    assert fresh.nginx.stop() == 0
    assert time.monotonic() - started < 9
    for one in (listener, browser, server):
        one.close()


def test_the_start_says_nothing_that_looks_like_trouble(fresh: Site) -> None:
    fresh.nginx.start()
    assert fresh.nginx.log.read_text() == ""
