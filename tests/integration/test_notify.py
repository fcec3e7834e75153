import os
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.system.notify import SystemdNotifier

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notify.sock"


def bind(path: Path) -> socket.socket:
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(str(path))
    receiver.setblocking(False)
    return receiver


@pytest.fixture
def receiver(path: Path) -> Iterator[socket.socket]:
    with bind(path) as receiver:
        yield receiver


def received(receiver: socket.socket) -> list[str]:
    found = []
    while select.select([receiver], [], [], 0)[0]:
        found.append(receiver.recv(9000).decode())
    return found


def test_a_beat_before_ready_does_not_claim_to_be_ready(
    path: Path, receiver: socket.socket
) -> None:
    SystemdNotifier(str(path)).alive()
    assert received(receiver) == ["WATCHDOG=1"]


def test_every_beat_tells_everything(path: Path, receiver: socket.socket) -> None:
    notifier = SystemdNotifier(str(path))
    notifier.state({"frames": 3})
    notifier.status("3 → 4")
    notifier.ready()
    notifier.alive()
    everything = 'READY=1\nWATCHDOG=1\nSTATUS=3 → 4\nX_HEMS_STATE={"frames":3}'
    assert received(receiver) == ["STATUS=3 → 4", everything, everything]


def test_a_status_is_sent_once_per_change(path: Path, receiver: socket.socket) -> None:
    notifier = SystemdNotifier(str(path))
    for line in ("a", "a", "b"):
        notifier.status(line)
    assert received(receiver) == ["STATUS=a", "STATUS=b"]


def test_after_stopping_a_beat_is_not_ready(path: Path, receiver: socket.socket) -> None:
    notifier = SystemdNotifier(str(path))
    notifier.ready()
    notifier.stopping()
    notifier.alive()
    assert received(receiver)[1:] == ["STOPPING=1", "WATCHDOG=1"]


def test_figures_that_are_too_large_do_not_hold_the_beat_back(
    path: Path, receiver: socket.socket
) -> None:
    notifier = SystemdNotifier(str(path))
    notifier.state({"a": "x" * 5000})
    notifier.alive()
    assert received(receiver) == ["WATCHDOG=1"]


def test_a_socket_that_appears_late_or_is_born_again_is_reached(path: Path) -> None:
    notifier = SystemdNotifier(str(path))
    notifier.ready()
    for _ in range(2):
        with bind(path) as receiver:
            notifier.alive()
            assert received(receiver) == ["READY=1\nWATCHDOG=1"]
        path.unlink()


def test_a_receiver_that_stalls_holds_nobody_up(path: Path, receiver: socket.socket) -> None:
    notifier = SystemdNotifier(str(path))
    started = time.monotonic()
    for _ in range(40):
        notifier.alive()
    assert time.monotonic() - started < 5


def test_the_abstract_namespace_is_reached() -> None:
    name = f"hems-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        SystemdNotifier(f"@{name}").alive()
        assert received(receiver) == ["WATCHDOG=1"]
