"""A TCP server on loopback that answers every request with the bytes a test gives it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Sequence


def empty_response(status: int) -> bytes:
    """Return an HTTP response without a body."""
    return b"HTTP/1.1 %d Word\r\nContent-Length: 0\r\n\r\n" % status


class Scripted:
    """Sends `pieces` with `pause_s` after each; then closes the connection unless `is_silent`."""

    def __init__(self, *pieces: bytes, pause_s: float = 0.0, is_silent: bool = False) -> None:
        self.requests: list[bytes] = []
        self._pieces: Sequence[bytes] = pieces
        self._pause_s = pause_s
        self._is_silent = is_silent
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/page"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Scripted:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._speak(connection)
                except OSError:  # the client has had enough
                    continue

    def _speak(self, connection: socket.socket) -> None:
        self.requests.append(_request(connection))
        for piece in self._pieces:
            connection.sendall(piece)
            time.sleep(self._pause_s)
        if self._is_silent:
            self._ended.wait(10)


def _request(connection: socket.socket) -> bytes:
    """Return a whole request: closing a socket with unread data would reset the connection."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *([0-9]+)", head, re.IGNORECASE)
        if end and len(body) >= int(length[1] if length else 0):
            break
    return data
