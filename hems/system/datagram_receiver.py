"""Receive datagrams on the socket that the supervisor keeps open for this worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from hems.supervision.worker.listen_sockets import listen_sockets

MAX_BYTES = 256  # of a datagram; the rest of a longer one is lost
BATCH = 1000  # datagrams between two calls of `listen`


class Datagrams:
    """Calls `receive` with each datagram. Without a socket from the supervisor there is none.

    Whatever arrives, it costs a bounded time: what is too much waits in the kernel, which drops
    what does not fit there. Raises OSError if a passed descriptor is not open.
    """

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive
        self._socket = next((passed.socket for passed in listen_sockets()), None)
        self._left = 0
        if self._socket is not None:
            self._socket.setblocking(False)

    def listen(self) -> None:
        """Receive the next BATCH datagrams. Call this again and again, on the event loop."""
        self._left = BATCH
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._read, self._socket)

    def _read(self, listener: socket.socket) -> None:
        try:
            while self._left:
                datagram = listener.recv(MAX_BYTES)
                self._left -= 1
                self._receive(datagram)
        except BlockingIOError:
            return
        asyncio.get_running_loop().remove_reader(listener)
