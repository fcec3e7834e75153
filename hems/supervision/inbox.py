"""The socket that workers notify: who sent which bytes.

A Unix datagram socket with SO_PASSCRED: the kernel, not the sender, says which process sent each
datagram. File descriptors that come along are closed once their datagram has been handled, which is
all that BARRIER=1 asks for: everything sent before it has been handled too.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from hems.protocols.sd_notify import MAX_SIZE

BATCH = 256  # datagrams per call: a flood must not keep supervisord from its processes
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7)
_MAX_FDS = 253  # SCM_MAX_FD: more than that cannot be sent
_ANCILLARY = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(_MAX_FDS * 4)


@dataclass(frozen=True)
class Datagram:
    """`pid` and `uid` are the sender's; `is_whole` is false when something was cut off."""

    pid: int
    uid: int
    data: bytes
    is_whole: bool


class Inbox:
    """Binds `path`, replacing what a predecessor left there. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(str(path))
        path.chmod(0o666)  # workers run under users of their own; credentials tell them apart

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> Generator[Datagram]:
        """Yield what is there, at most BATCH datagrams."""
        for _ in range(BATCH):
            try:
                data, ancillary, flags, _address = self._socket.recvmsg(
                    MAX_SIZE, _ANCILLARY, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            is_whole = not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC)
            try:
                pid, uid = _sender(ancillary)
                yield Datagram(pid, uid, data, is_whole)
            finally:
                _close_descriptors(ancillary)

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


def _sender(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, int]:
    """Return the sender's pid and uid; pid 0, which is nobody's, when the kernel did not tell."""
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, uid, _gid = _CREDENTIALS.unpack_from(content)
            return int(pid), int(uid)
    return 0, 0


def _close_descriptors(ancillary: list[tuple[int, int, bytes]]) -> None:
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors = array.array("i")
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
            for descriptor in descriptors:
                os.close(descriptor)
