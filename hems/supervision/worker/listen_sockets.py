"""Take over the sockets that the supervisor listens on: the receiving half of sd_listen_fds(3).

    sockets = listen_sockets()          # [] outside supervision
    server = sockets[0].socket if sockets else socket.create_server(("", 7846))

They stay open while this worker restarts: connections wait in their backlog meanwhile.
"""

from __future__ import annotations

import os
import socket
import stat
from typing import NamedTuple

FIRST = 3  # SD_LISTEN_FDS_START
VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


class PassedDescriptor(NamedTuple):
    """A descriptor with its name: FileDescriptorName=, or FDNAME= of a stored one."""

    name: str
    fileno: int


class ListenSocket(NamedTuple):
    """A socket with the name that FileDescriptorName= gave it."""

    name: str
    socket: socket.socket


def passed_descriptors() -> list[PassedDescriptor]:
    """Return what the supervisor passed to this process; no child process inherits it."""
    pid, count, names = (os.environ.get(name, "") for name in VARIABLES)
    if pid != str(os.getpid()) or not (count.isascii() and count.isdecimal()):
        return []
    numbers = range(FIRST, FIRST + int(count[:6]))
    for number in numbers:
        os.set_inheritable(number, False)
    given = names.split(":") if names else []
    given += ["unknown"] * (len(numbers) - len(given))
    return [PassedDescriptor(name, number) for name, number in zip(given, numbers, strict=False)]


def listen_sockets() -> list[ListenSocket]:
    """Return the sockets among the passed descriptors. Call this once: each is owned by its object.

    Raises OSError for a descriptor that is not open.
    """
    return [
        ListenSocket(passed.name, socket.socket(fileno=passed.fileno))
        for passed in passed_descriptors()
        if stat.S_ISSOCK(os.fstat(passed.fileno).st_mode)
    ]
