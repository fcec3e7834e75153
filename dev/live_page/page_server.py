"""Serve the live page on 127.0.0.1 to the browsers of this machine.

Only GET of four paths, and only for a Host that is this address: a page of the internet whose name
was made to lead here gets nothing. Nothing can be changed, and nothing secret is shown.
"""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from dev.launcher.free_port import LOOPBACK
from hems.errors import Unavailable

FOLDER = Path(__file__).parent
DATA = "/live.json"
FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
MAX_CONNECTIONS, TIMEOUT_S = 16, 5.0
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Document = Callable[[int, float], bytes]


class LivePageServer(socketserver.ThreadingMixIn, HTTPServer):
    """Use as a context manager: it serves in threads until the end. Raises Unavailable."""

    daemon_threads = True
    request_queue_size = 64
    block_on_close = False

    def __init__(self, port: int, document: Document) -> None:
        self.document = document
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        try:
            super().__init__((LOOPBACK, port), LivePageHandler)
        except OSError as error:
            raise Unavailable(f"port {port}: {error.strerror}") from error
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/"

    def __enter__(self) -> LivePageServer:
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def process_request(self, request: object, client_address: object) -> None:
        """Serve a connection in a thread; hang up if there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)  # type: ignore[arg-type]
        else:
            self.shutdown_request(request)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that hangs up."""


class LivePageHandler(BaseHTTPRequestHandler):
    server: LivePageServer
    timeout = TIMEOUT_S
    server_version, sys_version = "desk", ""

    def do_GET(self) -> None:
        if self.headers.get("Host") not in self.server.hosts:
            self.send_error(HTTPStatus.FORBIDDEN, "found another Host than this page's")
            return
        if self.path == DATA:
            body = self.server.document(int(time.time()), time.monotonic())
            self._answer(body, "application/json")
        elif self.path in FILES:
            name, kind = FILES[self.path]
            self._answer((FOLDER / name).read_bytes(), kind)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, *_: object) -> None:
        """Say nothing: a page asks every second."""

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
