"""Keep unit tests from the network, from processes and from sleeping; collect what is logged."""

import asyncio
import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import settings
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


OTHER_KINDS = ("integration", "bench", "deploy", "image", "e2e", "hil")

guard = ExitStack()  # open from the first unit test to the next test of another kind


def forbidden(*args: object, **kwargs: object) -> None:
    raise AssertionError("a unit test touched the network, a process or the clock")


really_sleep = asyncio.sleep


async def only_yield(delay: float, result: object = None) -> object:
    assert delay == 0, "a unit test slept"
    return await really_sleep(0, result)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let e2e run against a later Home Assistant: `bin/test -e e2e -- --ha 2026.11.0`."""
    parser.addoption("--ha", metavar="VERSION", help="e2e: the version of Home Assistant")


def pytest_configure() -> None:
    """Give the processes that tests start what a terminal gives them; let an example take long.

    After nohup or in a script's background, Ctrl-C is ignored, and every child inherits that.
    `python` is this interpreter, also in an environment that is not activated; an empty
    environment's PATH leads to no program.
    """
    gc.disable()  # until all tests are collected: see pytest_collection_finish
    settings.register_profile("any machine", settings(), deadline=None)  # a busy one is slow
    settings.load_profile("any machine")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("PYTHONHASHSEED", None)  # tox sets one: then a set has the same order everywhere
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    if shutil.which("env", path=places[1]) is None:
        places.append(os.defpath)
    os.environ["PATH"] = os.pathsep.join(filter(None, places))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse ids that say nothing. xdist refuses those that its workers do not collect alike."""
    poor = [item.nodeid for item in items if "<lambda>" in item.name or " at 0x" in item.name]
    if poor:
        raise pytest.UsageError("give these tests ids:\n" + "\n".join(poor))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from visiting thousands of collected tests again and again.

    That took a seventh of the time of all unit tests.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the ways to the outside world for unit tests, open them for all others.

    They stay closed from one unit test to the next: patching them for each test took seconds.
    """
    is_unit = not any(item.get_closest_marker(kind) for kind in OTHER_KINDS)
    is_closed = asyncio.sleep is only_yield
    if is_unit and not is_closed:
        for owner, name in FORBIDDEN:
            guard.enter_context(patch.object(owner, name, forbidden))
        guard.enter_context(patch.object(asyncio, "sleep", only_yield))
    elif is_closed and not is_unit:
        guard.close()


def pytest_sessionfinish() -> None:
    guard.close()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return what is logged from now on, each as "LEVEL message"."""
    written: list[str] = []
    sink = logger.add(lambda text: written.append(text.strip()), format="{level} {message}")
    yield written
    logger.remove(sink)
