"""A flood of TCP connections that send a few bytes, or none, and are opened again when they end.

    python -m tests.deploy.flood HOST PORT COUNT UNTIL BYTES SOURCE...

With UNTIL `answered` each is ended at the first byte of an answer, with `ended` by the other side.
Prints how many are open and how many were answered, once a second, until it is killed.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
import struct
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import cycle

BATCH = 200  # opened at once, so that its own event loop stays quick
PAUSE_S = 0.02
RESET = struct.pack("ii", 1, 0)  # without a farewell, as cheaply as an attacker can


class Flood:
    def __init__(
        self, address: tuple[str, int], count: int, until: str, first: bytes, own: list[str]
    ) -> None:
        self._address = address
        self._count = count
        self._waits = select.EPOLLIN if until == "answered" else select.EPOLLRDHUP
        self._first = first
        self._own = cycle(own)
        self._answered = 0
        self._sockets: dict[int, socket.socket] = {}
        self._poll = select.epoll()

    def run(self) -> None:
        printed_at = 0.0
        while True:
            for _ in range(min(BATCH, self._count - len(self._sockets))):
                self._open()
            for number, event in self._poll.poll(PAUSE_S, 1000):
                self._serve(number, event)
            if time.monotonic() > printed_at + 1:
                printed_at = time.monotonic()
                states = Counter(map(_state, self._sockets.values()))
                line = f"{len(self._sockets)} {dict(states)} {self._answered} answered\n"
                sys.stdout.write(line)
                sys.stdout.flush()
            time.sleep(PAUSE_S)

    def _open(self) -> None:
        one = socket.socket()
        one.setblocking(False)
        one.bind((next(self._own), 0))
        if one.connect_ex(self._address) not in {0, errno.EINPROGRESS}:
            one.close()
            return
        self._sockets[one.fileno()] = one
        self._poll.register(one, select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP)

    def _serve(self, number: int, event: int) -> None:
        one = self._sockets[number]
        if event & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
            self._end(one)
        elif event & select.EPOLLOUT:
            with suppress(OSError):
                one.send(self._first)
            self._poll.modify(one, self._waits | select.EPOLLRDHUP)
        elif event & select.EPOLLIN:
            self._answered += 1
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._end(one)

    def _end(self, one: socket.socket) -> None:
        self._poll.unregister(one)
        del self._sockets[one.fileno()]
        one.close()


def _state(one: socket.socket) -> str:
    try:
        one.getpeername()
    except OSError:
        return "connecting"
    return "open"


if __name__ == "__main__":
    host, port, count, until, first, *own = sys.argv[1:]
    os.nice(19)  # it stands for other machines, and must not take this one's time from nginx
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sent = first.encode().decode("unicode_escape").encode("latin-1")
    Flood((host, int(port)), int(count), until, sent, own).run()
