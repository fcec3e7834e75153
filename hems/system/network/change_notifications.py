"""Wait for the kernel's notifications of changed rules, links and addresses: netlink(7).

The content of a notification is ignored: the caller then reads the current state itself.
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
MAX_MESSAGES = 256  # of one topic at a time; the rest ends the next wait


class Topic(Enum):
    """What a notification is about: its netlink protocol and the groups to join."""

    RULES = 12, (7,)  # NETLINK_NETFILTER; NFNLGRP_NFTABLES. Legacy iptables notifies nobody.
    LINKS = 0, (1, 5)  # NETLINK_ROUTE; RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class Notifications:
    """The netlink sockets on which the kernel notifies of changes."""

    def __init__(self) -> None:
        self._sockets: dict[socket.socket, Topic] = {}

    def open(self) -> None:
        """Start to listen. If the kernel refuses a topic, log a warning and go on without it."""
        for topic in Topic:
            try:
                self._sockets[_joined(topic)] = topic
            except OSError as error:
                what = topic.name.lower()
                logger.warning("no notifications of changed {}: {}", what, error.strerror)

    def wait(self, stop: HasFileno, timeout_s: float) -> set[Topic]:
        """Wait for `stop`, a change or `timeout_s`; return the topics that changed."""
        ready = select.select([stop, *self._sockets], [], [], timeout_s)[0]
        notified = [listener for listener in ready if listener in self._sockets]
        for listener in notified:
            _drain(listener)
        return {self._sockets[listener] for listener in notified}

    def close(self) -> None:
        for listener in self._sockets:
            listener.close()
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
    with contextlib.suppress(OSError):  # empty, or ENOBUFS: some were lost, but not all
        for _ in range(MAX_MESSAGES):
            listener.recv(MESSAGE_SIZE)
