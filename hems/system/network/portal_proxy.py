"""Proxy between phones and the page of wifi-connect, which answers whatever page asks it.

A page of another site, open on a phone that has joined the portal, could otherwise read the
networks nearby and change the gateway's Wi-Fi. So only the portal's own page may ask: a request
with another Host is led to the page, one with another Origin is refused, and nothing tells a
browser to share the answer with another site.
"""

from __future__ import annotations

import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from loguru import logger

from hems.system.network.tcp_listener import listening_socket

TIMEOUT_S = 10.0  # of a phone, and of wifi-connect
MOST_AT_ONCE = 32  # requests; a phone sends few
MOST_BYTES = 16384  # of what a phone sends
PASSED = ("Content-Type", "Content-Length", "Cache-Control")  # of an answer
HTTP_PORTS = ("", ":80")


class PortalProxy:
    """Listens on `address` and `port`, and asks wifi-connect on port `behind`."""

    def __init__(self, address: str, port: int, behind: int) -> None:
        """Start it. Raises Unavailable if the port is in use."""
        self._server = _ProxyServer(address, port, behind)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _ProxyServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, port: int, behind: int) -> None:
        super().__init__((address, port), _ProxyHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening_socket(address, port)
        self.socket.setblocking(True)
        self.address, self.behind = address, behind
        self.own = {f"{address}{port_text}" for port_text in (*HTTP_PORTS, f":{port}")}
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        logger.debug("a phone's request ended early: {}", client_address)


class _ProxyHandler(BaseHTTPRequestHandler):
    server: _ProxyServer
    server_version, sys_version = "portal", ""
    timeout = TIMEOUT_S

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdecimal() and int(size) <= MOST_BYTES):
            self.send_error(413)
        else:
            self._handle(self.rfile.read(int(size)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base has it
        """Log nothing: a request may have the home's passphrase."""

    def _handle(self, body: bytes) -> None:
        if self.headers.get("Host", "") not in self.server.own:  # any name leads a phone here
            self.send_response(302)
            self.send_header("Location", f"http://{self.server.address}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif not self._is_from_own_page():
            self.send_error(403)
        else:
            self._ask(body)

    def _is_from_own_page(self) -> bool:
        """Return whether the request is a visit, or one that the portal's own page sends."""
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "none")
        if origin is not None:
            return origin.removeprefix("http://") in self.server.own
        if self.command == "POST":
            source = self.headers.get("Referer", "").removeprefix("http://").partition("/")[0]
            return source in self.server.own
        is_visit = self.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        return is_visit or site in {"same-origin", "none"}

    def _ask(self, body: bytes) -> None:
        address = (self.server.address, self.server.behind)
        connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)
        headers = {"Content-Type": self.headers.get("Content-Type", "")} if body else {}
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.send_error(502)
            return
        finally:
            connection.close()
        self.send_response(answer.status)
        for name in PASSED:
            if name != "Content-Length" and (value := answer.getheader(name)):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(content)


def free_port(address: str) -> int:
    """Return a TCP port that nothing uses on `address`, which may appear later."""
    with socket.socket() as probe:
        probe.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_FREEBIND", 15), 1)
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
    return port
