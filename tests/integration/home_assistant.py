"""The Home Assistant in memory behind a real socket: HTTP, and a websocket on the same port."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from hems.clients.home_assistant.auth_api import HomeAssistant
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import FakeConnection, connect


class HomeAssistantServer:
    """Serves `peer` on loopback; `is_silent` takes websocket commands and never answers."""

    def __init__(self, peer: FakeHomeAssistant) -> None:
        self.peer = peer
        self.is_silent = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.port: int = self._server.server_address[1]

    def client(self, timeout_s: float = 5.0) -> HomeAssistant:
        return HomeAssistant(("127.0.0.1", self.port), timeout_s)

    def __enter__(self) -> HomeAssistantServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _handler(server: HomeAssistantServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/api/websocket":
                _Websocket(self, server).serve()
                self.close_connection = True
            else:
                self._exchange()

        def do_POST(self) -> None:
            self._exchange()

        def do_DELETE(self) -> None:
            self._exchange()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _exchange(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            response = server.peer.respond(self.command, self.path, dict(self.headers), body)
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

    return Handler


class _Websocket:
    """One connection: the protocol without I/O of the websockets package, and this socket."""

    def __init__(self, handler: BaseHTTPRequestHandler, server: HomeAssistantServer) -> None:
        self._socket = handler.connection
        self._server = server
        self._protocol = ServerProtocol()
        lines = [handler.requestline, *(f"{k}: {v}" for k, v in handler.headers.items())]
        self._head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode()

    def serve(self) -> None:
        self._protocol.receive_data(self._head)
        (request,) = self._protocol.events_received()
        assert isinstance(request, Request)
        try:
            connection = connect(self._server.peer)
        except InvalidStatus as error:
            self._protocol.send_response(self._protocol.reject(error.response.status_code, ""))
            self._flush()
            return
        self._protocol.send_response(self._protocol.accept(request))
        self._say(connection)
        with contextlib.suppress(OSError):
            while not self._protocol.close_expected() and (data := self._socket.recv(65536)):
                self._take(data, connection)

    def _take(self, data: bytes, connection: FakeConnection) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                connection.send(bytes(event.data).decode())
                if not self._server.is_silent:
                    self._say(connection)
        self._flush()

    def _say(self, connection: FakeConnection) -> None:
        with contextlib.suppress(TimeoutError):
            while True:
                self._protocol.send_text(connection.recv(0).encode())
                self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)
