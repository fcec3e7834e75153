import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.supervision.worker.notifier import PATIENCE_S, SupervisorNotifier
from hems.system.sd_notify import SdNotifySender

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path, mocker: MockerFixture) -> Path:
    path = tmp_path / "notify.sock"
    mocker.patch.dict(os.environ, {"NOTIFY_SOCKET": str(path)})
    return path


@pytest.fixture(params=[None, SdNotifySender], ids=["library", "sdnotify"])
def notifier(request: pytest.FixtureRequest, path: Path) -> SupervisorNotifier:
    return SupervisorNotifier.of_environment(request.param and request.param())


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
    datagrams = []
    while select.select([receiver], [], [], 0)[0]:
        datagrams.append(receiver.recv(9000).decode())
    return datagrams


def test_a_beat_before_ready_does_not_claim_to_be_ready(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    notifier.alive()
    assert received(receiver) == ["WATCHDOG=1"]


def test_every_beat_tells_everything(notifier: SupervisorNotifier, receiver: socket.socket) -> None:
    notifier.metrics({"frames": 3})
    notifier.status("3 → 4")
    notifier.ready()
    notifier.alive()
    everything = 'READY=1\nWATCHDOG=1\nSTATUS=3 → 4\nX_METRICS={"frames":3}'
    assert received(receiver) == ["STATUS=3 → 4", everything, everything]


def test_a_status_is_sent_once_per_change(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    for line in ("a", "a", "b"):
        notifier.status(line)
    assert received(receiver) == ["STATUS=a", "STATUS=b"]


def test_after_stopping_a_beat_is_not_ready(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    notifier.ready()
    notifier.stopping()
    notifier.alive()
    assert received(receiver)[1:] == ["STOPPING=1", "WATCHDOG=1"]


def test_metrics_that_are_too_large_do_not_hold_the_beat_back(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    notifier.metrics({"a": "x" * 5000})
    notifier.alive()
    assert received(receiver) == ["WATCHDOG=1"]


def test_a_socket_that_appears_late_or_is_born_again_is_reached(
    notifier: SupervisorNotifier, path: Path
) -> None:
    notifier.ready()
    for _ in range(2):
        with bind(path) as receiver:
            notifier.alive()
            assert received(receiver) == ["READY=1\nWATCHDOG=1"]
        path.unlink()


def test_a_receiver_that_does_not_read_holds_nobody_up(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    for _ in range(20):
        started = time.monotonic()
        notifier.alive()
        assert time.monotonic() - started < PATIENCE_S + 2.0


def test_a_receiver_that_reads_again_gets_the_next_beat(
    notifier: SupervisorNotifier, receiver: socket.socket
) -> None:
    for episode in ("first", "second"):
        for _ in range(20):
            notifier.alive()
        assert len(received(receiver)) < 20
        notifier.status(episode)
        assert received(receiver)[-1] == f"STATUS={episode}"


def test_a_receiver_that_does_not_read_costs_one_thread(
    path: Path, receiver: socket.socket
) -> None:
    notifier = SupervisorNotifier.of_environment(SdNotifySender())
    before = threading.active_count()
    for _ in range(20):
        notifier.alive()
    assert threading.active_count() == before + 1


@pytest.mark.parametrize("send", [None, SdNotifySender()], ids=["library", "sdnotify"])
def test_the_abstract_namespace_is_reached(
    send: SdNotifySender | None, mocker: MockerFixture
) -> None:
    name = f"hems-test-{os.getpid()}"
    mocker.patch.dict(os.environ, {"NOTIFY_SOCKET": f"@{name}"})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        SupervisorNotifier.of_environment(send).alive()
        assert received(receiver) == ["WATCHDOG=1"]
