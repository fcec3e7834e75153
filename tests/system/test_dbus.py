"""The deadline of all that is done with a bus, in virtual time.

tests/integration/test_network_manager.py asks a real bus.
"""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    new_method_call,
    new_method_return,
    new_signal,
)

from hems.errors import Unavailable
from hems.system import dbus
from hems.system.dbus import Bus

TIMEOUT_S = 5.0
SOMEBODY = DBusAddress("/a", "a.b", "a.b")
GREETING = b"OK 0123\r\n"


def question(serial: int = 0) -> Message:
    call = new_method_call(SOMEBODY, "Ask")
    call.header.serial = serial
    call.header.fields[HeaderFields.sender] = ":1.1"
    return call


def answer(serial: int) -> bytes:
    """Return the bus's answer to the call with that serial number."""
    return bytes(new_method_return(question(serial), "s", ("fine",)).serialise(serial=serial))


SIGNAL = bytes(new_signal(SOMEBODY, "Noise").serialise(serial=99))


@dataclass
class FakeSocket:
    """A bus that says one of `said` each second, and then hangs up."""

    said: list[bytes]
    now: float = 0.0
    timeout_s: float = 0.0

    def settimeout(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s

    def connect(self, _: str) -> None: ...
    def sendall(self, _: bytes) -> None: ...
    def close(self) -> None: ...

    def recv(self, _: int) -> bytes:
        if self.timeout_s < 1.0:
            self.now += self.timeout_s
            raise TimeoutError("timed out")
        self.now += 1.0
        return self.said.pop(0) if self.said else b""


def ask(peer: FakeSocket, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """Open a connection to the bus `peer` and ask once."""
    sockets = SimpleNamespace(AF_UNIX=1, socket=lambda _: peer)
    monkeypatch.setattr(dbus, "socket", sockets)
    monkeypatch.setattr(dbus, "time", SimpleNamespace(monotonic=lambda: peer.now))
    with Bus(Path("/bus"), TIMEOUT_S) as bus:
        return bus.call(question())


def test_an_answer_is_found_among_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = FakeSocket([GREETING, SIGNAL + answer(1), SIGNAL, answer(2)])
    assert ask(peer, monkeypatch) == ("fine",)


@pytest.mark.parametrize(
    "said",
    [
        [bytes([one]) for one in GREETING],
        [GREETING, *(bytes([one]) for one in answer(1))],
        [GREETING, answer(1), *(bytes([one]) for one in answer(2))],
        [GREETING, answer(1), *[SIGNAL] * 9, answer(2)],
    ],
    ids=["greeting", "opening", "answer", "signals"],
)
def test_a_bus_that_trickles_is_given_up_when_the_time_is_over(
    said: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = FakeSocket(said)
    with pytest.raises(Unavailable, match="the bus /bus: no answer in time"):
        ask(peer, monkeypatch)
    assert peer.now == TIMEOUT_S
