"""Probes against real sockets: portals, silence, peers that talk slowly or nonsense."""

from __future__ import annotations

import os
import time

import pytest

from dev.launcher.free_port import free_port
from hems.clients.internet.reachability_probes import is_portal, reach_http, reach_icmp, reach_tcp
from hems.errors import ProtocolError, Unavailable
from tests.integration.scripted import Scripted, empty_response

pytestmark = pytest.mark.integration


def test_the_request_of_a_probe() -> None:
    with Scripted(empty_response(204)) as server:
        is_portal(f"{server.url}?a=b", 2.0)
        (request,) = server.requests
    host = f"127.0.0.1:{server.port}"
    expected = f"GET /page?a=b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert request.decode() == expected


def test_an_answer_in_pieces() -> None:
    with Scripted(*(bytes([one]) for one in empty_response(204)), pause_s=0.001) as server:
        assert not is_portal(server.url, 5.0)


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_host_name_that_cannot_be_encoded_is_a_clear_error(host: str) -> None:
    with pytest.raises(Unavailable, match="the host name is not valid"):
        is_portal(f"http://{host}/", 1.0)


@pytest.mark.parametrize("code", [200, 301, 302, 307, 403, 511])
def test_a_page_that_is_not_204_is_a_portal(code: int) -> None:
    with Scripted(empty_response(code)) as server:
        assert is_portal(server.url, 2.0)


def test_204_is_the_internet() -> None:
    with Scripted(empty_response(204)) as server:
        assert not is_portal(server.url, 2.0)


@pytest.mark.parametrize(
    "said", [empty_response(500), empty_response(503), b"", b"SSH-2.0-x\r\n", b"\0" * 5000]
)
def test_anything_else_proves_nothing(said: bytes) -> None:
    with Scripted(said) as server, pytest.raises(Unavailable):
        is_portal(server.url, 2.0)


@pytest.mark.parametrize("code", [200, 302, 401, 404, 502, 504])
def test_a_service_that_answers_is_there(code: int) -> None:
    with Scripted(empty_response(code)) as server:
        reach_http(server.url, 2.0)


@pytest.mark.parametrize("code", [500, 503])
def test_a_service_that_fails_by_itself_is_not(code: int) -> None:
    with (
        Scripted(empty_response(code)) as server,
        pytest.raises(Unavailable, match=f"answered {code}"),
    ):
        reach_http(server.url, 2.0)


def test_a_service_that_speaks_something_else_is_not() -> None:
    with Scripted(b"SSH-2.0-OpenSSH\r\n") as server, pytest.raises(ProtocolError, match="SSH"):
        reach_http(server.url, 2.0)


@pytest.mark.parametrize(
    "server",
    [
        Scripted(is_silent=True),
        Scripted(b"HTTP/1.1 2", is_silent=True),
        Scripted(*[b"H"] * 100, pause_s=0.1),
    ],
    ids=["silent", "half a line", "a byte now and then"],
)
def test_the_deadline_is_kept(server: Scripted) -> None:
    with server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"did not answer within 0\.5 s"):
            is_portal(server.url, 0.5)
        assert 0.4 < time.monotonic() - started < 3


def test_a_port_where_nobody_listens() -> None:
    port = free_port(None)
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}: Connection refused"):
        reach_tcp("127.0.0.1", port, 1.0)


def test_a_port_where_somebody_listens() -> None:
    with Scripted() as server:
        reach_tcp("127.0.0.1", server.port, 1.0)


def test_a_ping_of_this_machine() -> None:
    try:
        reach_icmp("127.0.0.1", 1.0)
    except Unavailable as error:
        if "privileges" not in str(error) or os.environ.get("CI"):
            raise
        pytest.skip(f"{error}: needs root or net.ipv4.ping_group_range")
