"""The client of a message bus against a socket that answers slowly, wrongly or not at all.

tests/integration/test_network_manager.py calls a real bus.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)

from hems.errors import HemsError, Rejected, Unavailable
from hems.system.network.dbus import Bus

pytestmark = pytest.mark.integration

LIMIT_S = 0.5
PEER = DBusAddress("/a", "a.b", "a.b")
GREETING = b"OK 0123\r\n"


def call(serial: int = 0) -> Message:
    message = new_method_call(PEER, "Ask")
    message.header.serial = serial
    message.header.fields[HeaderFields.sender] = ":1.1"
    return message


def reply(serial: int) -> bytes:
    """Return the bus's reply to the call with that serial number."""
    return bytes(new_method_return(call(serial), "s", ("fine",)).serialise(serial=serial))


def refusal(serial: int, name: str, *words: str) -> bytes:
    message = new_error(call(serial), name, "s" * len(words), words)
    return bytes(message.serialise(serial=serial))


SIGNAL = bytes(new_signal(PEER, "Noise").serialise(serial=99))


@contextmanager
def bus(path: Path, pieces: list[bytes], pause_s: float = 0.0) -> Iterator[None]:
    """Serve one connection: send `pieces`, each after a pause, and close it at the end."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for piece in pieces:
                if ended.wait(pause_s):
                    return
                connection.sendall(piece)
            ended.wait(5)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        listener.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bus"


def ask(path: Path) -> tuple[object, ...]:
    with Bus(path, LIMIT_S) as opened:
        return opened.call(call())


def test_a_reply_is_found_among_signals(path: Path) -> None:
    with bus(path, [GREETING, SIGNAL + reply(1), SIGNAL, reply(2)], 0.02):
        assert ask(path) == ("fine",)


def in_bytes(data: bytes) -> list[bytes]:
    return [bytes([one]) for one in data]


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [GREETING],
        [GREETING, reply(1)],
        in_bytes(GREETING),
        [GREETING, *in_bytes(reply(1))],
        [GREETING, reply(1), *in_bytes(reply(2))],
        [GREETING, reply(1), *[SIGNAL] * 9, reply(2)],
    ],
    ids=["silent", "no Hello", "no reply", "greeting", "Hello", "reply", "signals"],
)
def test_a_bus_that_is_silent_or_drips_is_given_up_at_the_deadline(
    path: Path, pieces: list[bytes]
) -> None:
    with bus(path, pieces, 0.1):
        started = time.monotonic()
        with pytest.raises(Unavailable, match=r"no answer within 0\.5 s"):
            ask(path)
        assert LIMIT_S - 0.05 < time.monotonic() - started < LIMIT_S + 0.3


@pytest.mark.parametrize(
    ("pieces", "kind", "words"),
    [
        ([b"REJECTED EXTERNAL\r\n"], Rejected, "refuses us"),
        ([GREETING, refusal(1, "org.x.Denied", "no")], Rejected, "org.x.Denied: no"),
        ([GREETING, reply(1), refusal(2, "org.x.Failed")], Rejected, "no reason given"),
        (
            [GREETING, reply(1), refusal(2, "org.freedesktop.DBus.Error.ServiceUnknown", "gone")],
            Unavailable,
            "gone",
        ),
    ],
    ids=["login", "Hello", "call", "absent"],
)
def test_a_refusal_says_why(
    path: Path, pieces: list[bytes], kind: type[HemsError], words: str
) -> None:
    with bus(path, pieces, 0.02), pytest.raises(kind, match=words):
        ask(path)


def test_no_bus_is_unavailable(path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file or directory"):
        ask(path)
