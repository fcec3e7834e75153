"""A browser's side of HTTP: one request, its answer whole."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

from tests.deploy.lan import CLIENT, PROXY, Lan

USER, PASSWORD = "admin", "Ünsafe only in tests"
TIMEOUT_S = 10


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes


class Client:
    """Asks nginx, over TLS by default, and trusts nothing but the gateway's CA."""

    def __init__(self, lan: Lan, authority: Path, address: str = CLIENT) -> None:
        self._lan = lan
        self._authority = authority
        self._address = address

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._authority))

    def secured(
        self, context: ssl.SSLContext | None = None, session: ssl.SSLSession | None = None
    ) -> ssl.SSLSocket:
        """Return a connection over TLS, its handshake done."""
        plain = self._lan.connect(PROXY, 443, self._address)
        settings = context or self.context()
        return settings.wrap_socket(plain, server_hostname=PROXY, session=session)

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        tls: bool = True,
    ) -> Answer:
        """Send one request and return its answer; a body over TLS and none without."""
        connection = HTTPConnection(PROXY, timeout=TIMEOUT_S)
        plain = None if tls else self._lan.connect(PROXY, 80, self._address)
        connection.sock = plain or self.secured()
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


def basic(user: str = USER, password: str = PASSWORD) -> dict[str, str]:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}
