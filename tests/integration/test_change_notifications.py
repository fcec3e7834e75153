"""What the kernel tells over netlink, in a network of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from hems.system.network.change_notifications import Notifications, Topic
from tests.integration.hotspot import ready
from tests.integration.namespaces import Namespace

pytestmark = pytest.mark.integration


@pytest.fixture
def space() -> Iterator[Namespace]:
    ready()
    with closing(Namespace()) as namespace:
        yield namespace


@pytest.fixture
def notifications(space: Namespace) -> Iterator[Notifications]:
    with closing(Notifications()) as listening:
        space.call(listening.open)
        yield listening


@pytest.fixture
def stop() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return what is waited for, and what sets it."""
    read, write = socket.socketpair()
    with read, write:
        yield read, write


Stop = tuple[socket.socket, socket.socket]


def test_a_changed_link_is_told(space: Namespace, notifications: Notifications, stop: Stop) -> None:
    space.run("ip", "link", "set", "lo", "up")
    assert notifications.wait(stop[0], 5) == {Topic.LINKS}


def test_changed_rules_are_told(space: Namespace, notifications: Notifications, stop: Stop) -> None:
    space.run("nft", "add", "table", "ip", "any")
    assert notifications.wait(stop[0], 5) == {Topic.RULES}


def test_many_changes_are_told_together(
    space: Namespace, notifications: Notifications, stop: Stop
) -> None:
    for number in range(20):
        space.run("nft", "add", "table", "ip", f"t{number}")
    space.run("ip", "link", "set", "lo", "up")
    assert notifications.wait(stop[0], 5) == {Topic.RULES, Topic.LINKS}
    assert notifications.wait(stop[0], 0.05) == set()


def test_silence_ends_with_the_time(notifications: Notifications, stop: Stop) -> None:
    assert notifications.wait(stop[0], 0.05) == set()


def test_a_stop_ends_the_wait(notifications: Notifications, stop: Stop) -> None:
    stop[1].send(b"x")
    assert notifications.wait(stop[0], 30) == set()
