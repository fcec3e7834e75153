"""Find a free TCP port of this machine."""

from __future__ import annotations

import contextlib
import random
import socket

from hems.errors import Unavailable

LOOPBACK = "127.0.0.1"
OTHER_PORTS = range(20_000, 32_000)  # below Linux's ephemeral ports


def free_port(preferred: int | None, address: str = LOOPBACK) -> int:
    """Return `preferred` if nobody listens on it at `address`, else a random port that is free.

    Never an ephemeral port: a client that tries before the server listens may get the very port
    as its own, is then connected to itself, and the server cannot start. Raises Unavailable.
    """
    others = random.sample(OTHER_PORTS, 50)
    for port in others if preferred is None else [preferred, *others]:
        if _can_bind(address, port):
            return port
    raise Unavailable(f"no TCP port is free on {address}")


def can_listen(address: str) -> bool:
    """Return whether `address` is one of this machine's."""
    return _can_bind(address, 0)


def _can_bind(address: str, port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            candidate.bind((address, port))
            return True
    return False
