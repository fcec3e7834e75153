"""The kernel's notifications of changed rules, links and addresses: netlink(7).

What a notification says does not matter, only that there was one: whoever hears it looks.
"""

from __future__ import annotations

import contextlib
import select
import socket
from enum import Enum
from typing import Protocol

from loguru import logger

SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1  # linux/netlink.h
MESSAGE_SIZE = 65536
MAX_MESSAGES = 256  # of one topic at a time; the rest wakes us again


class Topic(Enum):
    """What a notification is about: its netlink protocol and the groups to join."""

    RULES = 12, (7,)  # NETLINK_NETFILTER; NFNLGRP_NFTABLES. Legacy iptables tells nobody.
    LINKS = 0, (1, 5)  # NETLINK_ROUTE; RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class Notifications:
    """Wakes up whoever waits when the kernel tells of a change."""

    def __init__(self) -> None:
        self._sockets: dict[socket.socket, Topic] = {}

    def open(self) -> None:
        """Begin to listen. A topic that the kernel refuses costs a warning: it stays silent."""
        for topic in Topic:
            try:
                self._sockets[_joined(topic)] = topic
            except OSError as error:
                what = topic.name.lower()
                logger.warning("no notifications of changed {}: {}", what, error.strerror)

    def wait(self, stop: HasFileno, timeout_s: float) -> set[Topic]:
        """Wait for `stop`, a change or the time; return what has changed."""
        ready = select.select([stop, *self._sockets], [], [], timeout_s)[0]
        heard = [one for one in ready if one in self._sockets]
        for one in heard:
            _drain(one)
        return {self._sockets[one] for one in heard}

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self._sockets.clear()


def _joined(topic: Topic) -> socket.socket:
    protocol, groups = topic.value
    listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    try:
        listener.setblocking(False)
        listener.bind((0, 0))
        for group in groups:
            listener.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
    except OSError:
        listener.close()
        raise
    return listener


def _drain(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):  # empty, or ENOBUFS: some were lost, others were heard
        for _ in range(MAX_MESSAGES):
            listener.recv(MESSAGE_SIZE)
