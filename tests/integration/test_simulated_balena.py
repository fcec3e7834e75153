"""The simulated Supervisor as a server: what no client of ours would send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.integration.balena import Balena

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("length", [b"-1", b"many", b"", b"1e3", b"9" * 5000])
def test_a_length_that_is_none_is_400(length: bytes) -> None:
    request = b"POST /v1/reboot HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + b"\r\n\r\n"
    with Balena() as balena:
        address = urlsplit(balena.address)
        with socket.create_connection(("127.0.0.1", address.port or 0), 5) as connection:
            connection.sendall(request)
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
        assert balena.calls("POST") == []
