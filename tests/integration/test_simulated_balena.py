"""The simulated Supervisor as a server: what no client of ours would send."""

from __future__ import annotations

import json
import socket
import struct
import urllib.request
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.integration.balena import KEY, Balena
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


def test_faults_are_ordered_over_http() -> None:
    with Balena() as balena:
        headers = {"Authorization": f"Bearer {KEY}"}
        url, body = f"{balena.address}/control", b'{"has_vpn":false}'
        with urllib.request.urlopen(
            urllib.request.Request(url, body, headers), timeout=10
        ) as response:
            assert json.load(response)["faults"]["has_vpn"] is False
        assert not balena.client().is_vpn_connected()


@pytest.mark.parametrize("length", [b"-1", b"many", b"", b"1e3", b"9" * 5000])
def test_a_length_that_is_none_is_400(length: bytes) -> None:
    request = b"POST /v1/reboot HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + b"\r\n\r\n"
    with Balena() as balena:
        address = urlsplit(balena.address)
        with socket.create_connection(("127.0.0.1", address.port or 0), 5) as connection:
            connection.sendall(request)
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
        assert balena.calls("POST") == []


def test_a_client_that_goes_away_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    reset = struct.pack("ii", 1, 0)  # close() sends RST, so that the server's write fails
    request = f"GET /v1/device?apikey={KEY} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
    with Balena() as balena:
        balena.order(delay_s=0.3)
        address = urlsplit(balena.address)
        for served in (["GET /v1/device"], ["GET /v1/device"] * 2):
            with socket.create_connection(("127.0.0.1", address.port or 0), 5) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                connection.sendall(request)
            eventually(partial(_has_served, balena, served), 5, "the request was served")
    assert capfd.readouterr().err == ""


def _has_served(balena: Balena, calls: list[str]) -> bool:
    return balena.calls("GET /v1/device") == calls
