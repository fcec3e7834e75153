"""Keep descriptors of a unit for its next process: FDSTORE=1 of sd_notify(3)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import stat
import struct
from collections.abc import Sequence
from typing import NamedTuple

DEFAULT_NAME = "stored"
_GONE = select.POLLHUP | select.POLLERR
_LINGER = struct.Struct("2i")  # socket(7): l_onoff, l_linger
_NO_LINGER = _LINGER.pack(0, 0)


class StoredDescriptor(NamedTuple):
    """`is_polled`: close it when its peer hangs up."""

    name: str
    fileno: int
    is_polled: bool


class DescriptorStore:
    """At most `limit` descriptors, in the order in which they came."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stored: list[StoredDescriptor] = []

    def add(self, name: str, descriptors: Sequence[int], *, is_polled: bool) -> int:
        """Store duplicates of `descriptors`; return how many there was no room for."""
        self._drop_gone()
        refused = 0
        for descriptor in descriptors:
            if any(_is_same(descriptor, stored.fileno) for stored in self._stored):
                continue
            if len(self._stored) >= self._limit:
                refused += 1
                continue
            own = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
            self._stored.append(StoredDescriptor(name, own, is_polled))
        return refused

    def remove(self, name: str) -> None:
        """Close all descriptors with this name."""
        self._keep([stored for stored in self._stored if stored.name != name])

    def descriptors(self) -> list[tuple[str, int]]:
        """Return the name and the number of each descriptor whose peer has not hung up."""
        self._drop_gone()
        return [(stored.name, stored.fileno) for stored in self._stored]

    def clear(self) -> None:
        self._keep([])

    def _drop_gone(self) -> None:
        poll = select.poll()
        for stored in self._stored:
            if stored.is_polled:
                poll.register(stored.fileno, 0)
        gone = {fileno for fileno, events in poll.poll(0) if events & _GONE}
        self._keep([stored for stored in self._stored if stored.fileno not in gone])

    def _keep(self, kept: list[StoredDescriptor]) -> None:
        for stored in self._stored:
            if stored not in kept:
                close_passed(stored.fileno)
        self._stored = kept


def close_passed(descriptor: int) -> None:
    """Close a descriptor that somebody has passed to us, without waiting for anybody.

    With SO_LINGER the kernel would wait until the peer of the socket has read everything.
    """
    with contextlib.suppress(OSError):  # it is no socket
        end = socket.socket(fileno=descriptor)
        try:
            if end.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.size) != _NO_LINGER:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        finally:
            end.detach()
    with contextlib.suppress(OSError):  # a disk may report its error here
        os.close(descriptor)


def _is_same(one: int, other: int) -> bool:
    """Return whether both are the same file, socket, or end of a pipe."""
    first, second = _identity(one), _identity(other)
    return first is not None and first == second


def _identity(descriptor: int) -> tuple[int, ...] | None:
    """Return what identifies an open file; None if it has no inode of its own.

    The flags tell the two ends of a pipe apart.
    """
    status = os.fstat(descriptor)
    if not stat.S_IFMT(status.st_mode):
        return None
    return status.st_dev, status.st_ino, fcntl.fcntl(descriptor, fcntl.F_GETFL)
