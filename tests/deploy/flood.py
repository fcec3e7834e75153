"""A flood of TCP connections that send a few bytes, or none, and are opened again when they end.

    python -m tests.deploy.flood HOST PORT COUNT BYTES SOURCE...

Prints how many are open, once a second, until it is killed.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import cycle

BATCH = 200  # opened at once, so that its own event loop stays quick
PAUSE_S = 0.02


class Flood:
    def __init__(self, address: tuple[str, int], count: int, first: bytes, own: list[str]) -> None:
        self._address = address
        self._count = count
        self._first = first
        self._own = cycle(own)
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
                sys.stdout.write(f"{len(self._sockets)} {dict(states)}\n")
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
            self._poll.unregister(one)
            del self._sockets[number]
            one.close()
        elif event & select.EPOLLOUT:
            with suppress(OSError):
                one.send(self._first)
            self._poll.modify(one, select.EPOLLRDHUP)


def _state(one: socket.socket) -> str:
    try:
        one.getpeername()
    except OSError:
        return "connecting"
    return "open"


if __name__ == "__main__":
    host, port, count, first, *own = sys.argv[1:]
    os.nice(19)  # it stands for other machines, and must not take this one's time from nginx
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sent = first.encode().decode("unicode_escape").encode("latin-1")
    Flood((host, int(port)), int(count), sent, own).run()
