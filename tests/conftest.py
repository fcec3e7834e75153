"""No unit test may reach the network, start a process or sleep; `lines` is what was logged."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from loguru import logger

FORBIDDEN = (
    (socket.socket, "connect"),
    (socket.socket, "connect_ex"),
    (socket.socket, "sendto"),
    (socket.socket, "bind"),
    (socket, "create_connection"),
    (subprocess, "Popen"),
    (os, "fork"),
    (os, "posix_spawn"),
    (os, "execv"),
    (os, "execve"),
    (time, "sleep"),
)


@pytest.fixture(autouse=True)
def _no_outside_world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Make every door to the outside fail, except in tests marked otherwise."""
    if any(
        request.node.get_closest_marker(mark)
        for mark in ("integration", "bench", "deploy", "image", "e2e", "hil")
    ):
        return

    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("a unit test touched the network, a process or the clock")

    for owner, name in FORBIDDEN:
        monkeypatch.setattr(owner, name, forbidden)
    really_sleep = asyncio.sleep

    async def only_yield(delay: float, result: object = None) -> object:
        assert delay == 0, "a unit test slept"
        return await really_sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", only_yield)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return what is logged from now on, each as "LEVEL message"."""
    found: list[str] = []
    sink = logger.add(lambda text: found.append(text.strip()), format="{level} {message}")
    yield found
    logger.remove(sink)
