"""The services behind nginx: HTTP servers that record what reaches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.deploy.lan import Lan
from tests.server_thread import serving


@dataclass(frozen=True)
class HttpRequest:
    """A request as it reached a peer."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Reply:
    body: bytes
    content_type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Responder = Callable[[HttpRequest], Reply]


class Peer(ThreadingHTTPServer):
    """Answers every request with what `respond` makes of it."""

    daemon_threads = True

    def __init__(self, respond: Responder) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.respond = respond
        self.requests: list[HttpRequest] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = HttpRequest(self.command, self.path, self.headers, body)
        self.server.requests.append(request)
        reply = self.server.respond(request)
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Log nothing: `requests` has every request."""


@contextmanager
def peer(lan: Lan, address: str, port: int, respond: Responder) -> Iterator[Peer]:
    """Serve on an address of the house until the end."""
    server = Peer(respond)
    server.socket.close()
    server.socket = lan.listen(address, port)
    with server, serving(server):
        yield server
