"""The HTTP client against real sockets: peers that are slow, silent, cut off or break HTTP."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.free_port import free_port
from hems.clients.http import HttpClient, HttpResponse, http_status
from hems.clients.http_deadline import MAX_RESPONSE
from hems.errors import HemsError, ProtocolError, Unavailable
from tests.integration.scripted import Scripted, empty_response

pytestmark = pytest.mark.integration

OK = b"HTTP/1.1 200 OK\r\n"
LIMIT_S = 0.5


def request(server: Scripted, timeout_s: float = 2.0) -> HttpResponse:
    return HttpClient("Peer", ("127.0.0.1", server.port)).request("GET", "/path", timeout_s)


def test_what_is_sent() -> None:
    with Scripted(empty_response(200)) as server:
        client = HttpClient("Peer", ("127.0.0.1", server.port))
        headers = {"Authorization": "Token é"}
        client.request("POST", "/a", 2.0, headers, params={"q": "x y"}, json={"b": 1})
        client.request("POST", "/c", 2.0, data={"d": "é"})
    first, second = (one.decode().partition("\r\n\r\n") for one in server.requests)
    assert first[0].splitlines() == [
        "POST /a?q=x+y HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: hems",
        "Accept-Encoding: identity",
        "Accept: */*",
        "Connection: close",
        "Authorization: Token é",
        "Content-Length: 8",
        "Content-Type: application/json",
    ]
    assert first[2] == '{"b": 1}'
    assert "Content-Type: application/x-www-form-urlencoded" in second[0].splitlines()
    assert second[2] == "d=%C3%A9"


@pytest.mark.parametrize(
    "pieces",
    [
        (OK + b"Content-Length: 3\r\n\r\nabc",),
        (OK + b"\r\nabc",),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",),
        tuple(bytes([one]) for one in OK + b"Content-Length: 3\r\n\r\nabc"),
    ],
    ids=["length", "end of connection", "chunks", "bytes"],
)
def test_every_form_of_a_body_is_read(pieces: tuple[bytes, ...]) -> None:
    with Scripted(*pieces, pause_s=0.001) as server:
        assert request(server) == HttpResponse(200, b"abc")


@pytest.mark.parametrize(
    "server",
    [
        Scripted(is_silent=True),
        Scripted(b"HTTP/1.1 2", is_silent=True),
        Scripted(*[b"H"] * 100, pause_s=0.1),
        Scripted(OK, *[b"A: b\r\n"] * 100, pause_s=0.1),
        Scripted(OK + b"Content-Length: 100\r\n\r\n", *[b"x"] * 100, pause_s=0.1),
        Scripted(OK + b"\r\n", *[b"x"] * 100, pause_s=0.1),
        Scripted(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"0"] * 100, pause_s=0.1),
    ],
    ids=["silent", "half a line", "status", "headers", "body", "body without length", "chunk"],
)
def test_a_peer_that_drips_is_given_up_at_the_deadline(server: Scripted) -> None:
    with server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"^Peer, GET /path: no answer within 0\.5 s$"):
            request(server, LIMIT_S)
        assert LIMIT_S - 0.01 < time.monotonic() - started < LIMIT_S + 0.4


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200",
        OK,
        OK + b"Content-Le",
        OK + b"Content-Length: 0\r\n",
        OK + b"Content-Length: 0\r\nA: b",
    ],
)
def test_a_head_that_is_cut_off_is_an_error(text: bytes) -> None:
    with Scripted(text) as server:
        with pytest.raises(ProtocolError, match="the connection closed within the head"):
            request(server)
        with pytest.raises(ProtocolError, match="the connection closed within the head"):
            http_status(server.url, 2.0)


TOO_LONG = f"more than {MAX_RESPONSE} bytes"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"", Unavailable, "Peer, GET /path: Remote end closed connection without response"),
        (b"SSH-2.0-x\r\n", ProtocolError, "SSH-2.0-x.*expected an HTTP status line"),
        (b"HTTP/1.1 20", ProtocolError, "found 'HTTP/1.1 20', expected an HTTP status line"),
        (b"\0" * 100_000, ProtocolError, "line"),
        (OK + b"A: b\r\n" * 1000 + b"\r\n", ProtocolError, "more than 100 headers"),
        (OK + b"Content-Length: 9\r\n\r\nabc", ProtocolError, "after 3 bytes, 6 are missing"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", ProtocolError, "zz"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", ProtocolError, "2 bytes"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", ProtocolError, "Peer"),
        (OK + b"\r\n" + b"x" * (MAX_RESPONSE + 1), ProtocolError, TOO_LONG),
        (OK + b"Content-Length: 5000000\r\n\r\n" + b"x" * 5_000_000, ProtocolError, TOO_LONG),
        (OK + b"Content-Length: 99999999999999\r\n\r\nx", ProtocolError, "are missing"),
    ],
    ids=[
        "nothing",
        "ssh",
        "half a status",
        "a long line",
        "headers",
        "cut off",
        "bad chunk",
        "cut off in a chunk",
        "cut off after a chunk",
        "too long",
        "too long as announced",
        "a huge length",
    ],
)
def test_a_broken_response_is_an_error(text: bytes, kind: type[HemsError], words: str) -> None:
    with Scripted(text) as server, pytest.raises(HemsError, match=words) as error:
        request(server)
    assert type(error.value) is kind


def test_a_body_of_the_limit_is_read() -> None:
    head = OK + b"\r\n"
    with Scripted(head + b"x" * (MAX_RESPONSE - len(head))) as server:
        assert len(request(server).body) == MAX_RESPONSE - len(head)


def test_a_redirect_is_returned_and_neither_followed_nor_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 100\r\n\r\n"
    with Scripted(head, *[b"x"] * 100, pause_s=0.1) as server:
        started = time.monotonic()
        assert http_status(server.url, 5.0) == 302
        assert time.monotonic() - started < 2
    assert len(server.requests) == 1


def test_a_compressed_body_is_not_unpacked() -> None:
    with Scripted(OK + b"Content-Encoding: gzip\r\n\r\nabc") as server:
        assert request(server).body == b"abc"


def test_no_cookie_is_kept() -> None:
    with Scripted(OK + b"Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n") as server:
        client = HttpClient("Peer", ("127.0.0.1", server.port))
        for _ in range(2):
            client.request("GET", "/", 2.0)
    assert not any(b"Cookie" in one for one in server.requests)


def test_neither_a_proxy_nor_a_netrc_is_used(mocker: MockerFixture, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password s3cret\n")
    mocker.patch.dict("os.environ", {"NETRC": str(netrc)})
    mocker.patch.dict("os.environ", {"http_proxy": "http://127.0.0.1:9"})
    with Scripted(empty_response(204)) as server:
        assert request(server).status == 204
    assert b"Authorization" not in server.requests[0]


def test_an_error_that_is_being_handled_is_not_taken_for_the_cause() -> None:
    with Scripted(OK + b"Content-Length: 9\r\n\r\nabc") as server:
        try:
            socket.create_connection(("127.0.0.1", free_port(None)))
        except OSError:
            with pytest.raises(ProtocolError, match="6 are missing"):
                request(server)


def test_threads_share_a_client_which_connects_for_each_request() -> None:
    with Scripted(OK + b"Content-Length: 3\r\n\r\nabc") as server:
        client = HttpClient("Peer", ("127.0.0.1", server.port))
        bodies: list[bytes] = []

        def ask() -> None:
            bodies.extend(client.request("GET", "/", 5.0).body for _ in range(20))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [b"abc"] * 80


@pytest.mark.parametrize("code", [200, 204, 302, 404, 503])
def test_the_status_of_a_page(code: int) -> None:
    with Scripted(empty_response(code)) as server:
        assert http_status(f"{server.url}?a=b", 2.0) == code
    assert server.requests[0].startswith(b"GET /page?a=b HTTP/1.1\r\n")
