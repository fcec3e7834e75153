"""Receive sd_notify datagrams from the workers, each with the process that sent it.

The Unix datagram socket has SO_PASSCRED: the kernel, not the sender, says which process sent a
datagram. Descriptors in a datagram are closed after it has been handled. BARRIER=1 needs no more:
its sender waits for that, and by then all earlier datagrams have been handled too.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
from collections.abc import Generator
from pathlib import Path
from typing import IO, NamedTuple

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.sockets.descriptor_store import close_passed
from hems.supervision.worker.notification_datagram import MAX_SIZE

BATCH = 256  # datagrams per call, or as many as wait: a flood must not delay other work
_QUEUE = Path("/proc/sys/net/unix/max_dgram_qlen")  # how many may wait, beside one
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7)
_MAX_FDS = 253  # SCM_MAX_FD: the kernel sends no more in one datagram
_ANCILLARY = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(_MAX_FDS * 4)


class NotifyDatagram(NamedTuple):
    """`pid` and `uid` are the sender's; `is_whole` is false when a part was cut off."""

    pid: int
    uid: int
    data: bytes
    is_whole: bool
    descriptors: tuple[int, ...] = ()  # open while it is handled


class NotifySocket:
    """Bind the socket to `path`, in place of an earlier one. Raises OSError.

    Raises InvalidConfiguration while another supervisord uses the path.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = _locked(path)
        self._batch = max(BATCH, int(_QUEUE.read_text()) + 1)
        self._socket = self._bind()

    def _bind(self) -> socket.socket:
        self._path.unlink(missing_ok=True)
        new = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            new.setblocking(False)
            new.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            new.bind(str(self._path))
            self._path.chmod(0o666)  # workers run as other users; their credentials identify them
        except OSError:
            new.close()
            raise
        self._inode = _inode(self._path)
        return new

    @property
    def is_lost(self) -> bool:
        """Return whether somebody has removed the socket's path, or has put something there."""
        return _inode(self._path) != self._inode

    def bind_again(self) -> None:
        """Bind a new socket to the path, and close the one that nobody finds. Raises OSError."""
        lost, self._socket = self._socket, self._bind()
        lost.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def write_pid(self) -> None:
        """Write our pid to the file that locks the path."""
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()

    def receive(self) -> Generator[NotifyDatagram]:
        """Yield all datagrams that have arrived before this call, and few that arrive later."""
        for _ in range(self._batch):
            try:
                data, ancillary, flags, _address = self._socket.recvmsg(
                    MAX_SIZE, _ANCILLARY, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            is_whole = not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC)
            descriptors = _descriptors(ancillary)
            try:
                pid, uid = _sender(ancillary)
                yield NotifyDatagram(pid, uid, data, is_whole, descriptors)
            finally:
                for descriptor in descriptors:
                    close_passed(descriptor)

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)
        self._lock.close()


def _locked(path: Path) -> IO[str]:
    """Return the file that locks `path`."""
    if not path.parent.is_dir():
        raise InvalidConfiguration(
            f"[rpcinterface:supervision] notify_socket: found no folder {path.parent}, expected one"
        )
    lock = _open_private(path.with_name(f"{path.name}.lock"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        raise InvalidConfiguration(
            f"[rpcinterface:supervision] notify_socket: found {path} in use by another supervisord "
            f"(pid {owner}); stop that one, or give this one its own notify_socket"
        ) from None
    return lock


def _open_private(path: Path) -> IO[str]:
    """Open a file that other users cannot even read: whoever can may lock it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return open(descriptor, "a+", encoding="ascii")  # noqa: PTH123


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _sender(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, int]:
    """Return the sender's pid and uid; pid 0, which no process has, if the kernel gave none."""
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, uid, _gid = _CREDENTIALS.unpack_from(content)
            return int(pid), int(uid)
    return 0, 0


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, ...]:
    numbers = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    return tuple(numbers)
