"""A TCP server on loopback that says what a test tells it to, whatever it is asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence


class Scripted:
    """Sends `pieces` with `pause_s` after each; then hangs up, unless `is_silent`."""

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
        self.requests.append(connection.recv(65536))
        for piece in self._pieces:
            connection.sendall(piece)
            time.sleep(self._pause_s)
        if self._is_silent:
            self._ended.wait(10)
