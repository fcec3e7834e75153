"""Give `requests` one deadline, one size limit and one connection for each HTTP exchange.

The time-out of `requests` restarts with every piece of data, so a peer that sends a byte now
and then could hold a worker forever. The adapter of this module opens sockets whose time-out
shrinks until the deadline. Use it with `urllib3.Timeout(total=...)`: urllib3 sets what is left
of the total on the socket before it sends the request and before it reads the response.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any, cast

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

MAX_RESPONSE = 4_000_000  # bytes, the head included


class DeadlineAdapter(HTTPAdapter):
    """An adapter for http:// that keeps the total time-out and refuses a cut-off head."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Create the pool manager with our kind of connection."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool}


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        """Read the head, and have the connection closed after the body.

        Raises HTTPException when the data ends within the head, which http.client takes for
        the end of the head.
        """
        super().begin()
        if cast("Any", self.fp).raw.is_at_end:  # not read yet if the head is complete
            raise http.client.HTTPException("the connection closed within the head")
        self.will_close = True


class _Connection(HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        started = time.monotonic()
        super().connect()
        deadline = started + float(self.timeout or 0)
        self.sock = cast("Any", _Socket(cast("socket.socket", self.sock), deadline))


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _Socket:
    """A connected socket whose time-out limits everything that follows, not each operation."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._connected = connected
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)

    def settimeout(self, timeout_s: float) -> None:
        self._deadline = time.monotonic() + timeout_s

    def shrink_timeout(self) -> None:
        """Give the next operation the time that is left. Raises TimeoutError if there is none."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connected.settimeout(left_s)

    def sendall(self, data: bytes) -> None:
        self.shrink_timeout()
        self._connected.sendall(data)  # its time-out is for all of `data`

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self, self._connected.makefile("rb", 0)))


class _Stream(io.RawIOBase):
    """The bytes that arrive on a _Socket, at most MAX_RESPONSE."""

    def __init__(self, connection: _Socket, stream: socket.SocketIO) -> None:
        self._connection = connection
        self._stream = stream
        self._room = MAX_RESPONSE
        self.is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.shrink_timeout()
        count = self._stream.readinto(buffer)
        self.is_at_end = count == 0
        self._room -= count or 0
        if self._room < 0:
            raise http.client.HTTPException(f"the response has more than {MAX_RESPONSE} bytes")
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
