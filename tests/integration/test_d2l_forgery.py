"""Strangers who have heard a dongle's frames guess the CRC of forged ones; no key, no luck.

A forger changes the first encrypted block, which only spoils the random number, until the CRC fits.
The tests know the key: `lucky` is the forged frame that a forger finds once in 65 536 tries.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import PayloadType, decode
from hems.supervision.worker.notification_datagram import decode as decode_notification
from tests.integration.d2l import CIPHER, ID, D2lWorker, Dongle, horodate, payload, sealed
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

ONLINE = f"hems/d2l/{ID:012d}/availability"
OWN = "127.0.0.7"
GUESSES = 1500
SILENT_S = 2.0
PLACES = 40
Address = Callable[[int], str]


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    with NotifyReceiver(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def worker(tmp_path: Path, broker: Mosquitto, reports: NotifyReceiver) -> Iterator[D2lWorker]:
    settings = {
        "silent_after_s": SILENT_S,
        "max_connections": PLACES,
        "NOTIFY_SOCKET": str(reports.path),
        "WATCHDOG_USEC": "2000000",  # it reports at least as often
    }
    with D2lWorker(tmp_path, broker.port, **settings) as running:
        eventually(lambda: "connected to the MQTT" in running.log(), 10, "the broker")
        yield running
        assert running.stop() == 0


def lucky(heard: bytes) -> bytes:
    """Return a frame forged from one heard, whose CRC fits."""
    while True:
        block = bytes(a ^ b for a, b in zip(os.urandom(16), heard[16:32], strict=True))
        forged = heard[:16] + block[:2] + heard[18:20] + block[4:] + heard[32:]
        try:
            decode(forged, CIPHER)
        except ProtocolError:
            continue
        return forged


def guess(port: int, heard: bytes, address: Address) -> None:
    """Send GUESSES forged frames, whose CRC does not fit."""
    for number in range(GUESSES):
        forged = heard[:16] + number.to_bytes(16, "big") + heard[32:]
        with Dongle(port, source=address(number)) as forger:
            forger.send(forged)
            assert forger.answer() is None


def is_answered(port: int, data: bytes, source: str) -> bool:
    with Dongle(port, source=source) as dongle:
        dongle.send(data)
        try:
            return dongle.answer(2) is not None
        except TimeoutError:  # what was forged at random may be a request for firmware
            return False


def refused(reports: NotifyReceiver) -> dict[str, int]:
    counts: dict[str, int] = json.loads(reports.newest().get("X_METRICS", "{}")).get("refused", {})
    return counts


def later(seconds: int) -> bytes:
    """Return the dongle's reading of so many seconds from now."""
    date = horodate(time.time() + seconds)
    return sealed(PayloadType.PUSH_JSON, payload(ID, DATE=date))


ATTACKERS: dict[str, Address] = {
    "one address": lambda _: "127.0.0.66",
    "the address of the dongle": lambda _: OWN,
    "a whole network": lambda number: f"127.0.1.{number % 254 + 1}",
}


@pytest.mark.parametrize("address", ATTACKERS.values(), ids=ATTACKERS.keys())
def test_guesses_of_the_crc_gain_nothing_and_do_not_hinder_the_dongle(
    worker: D2lWorker, observer: Observer, reports: NotifyReceiver, address: Address
) -> None:
    heard = later(-60)
    assert is_answered(worker.port, heard, OWN)
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "the meter is online")
    guess(worker.port, heard, address)
    eventually(lambda: observer.newest(ONLINE) == "offline", 10, "the meter is silent")
    forged = [lucky(heard), lucky(sealed(PayloadType.GET_CLOCK, b""))]
    assert [is_answered(worker.port, one, address(1)) for one in forged] == [False, False]
    eventually(lambda: refused(reports).get("too many wrong frames", 0) > 1000, 5, "told")
    assert refused(reports)["wrong CRC or key"] < 450
    assert observer.newest(ONLINE) == "offline"

    with Dongle(worker.port, source=OWN) as dongle:
        dongle.send(later(0))
        assert dongle.answer() is not None
        eventually(lambda: observer.newest(ONLINE) == "online", 5, "online again")
        dongle.send(dongle.clock_request())  # on a connection that the reading has proven
        assert dongle.answer() is not None
    assert is_answered(worker.port, later(1), "127.0.0.9")  # the router gave it another address

    line = f"X_PROBLEMS={reports.newest()['X_PROBLEMS']}"
    problems = decode_notification(line.encode()).problems or ()
    (problem,) = [one for one in problems if one.name == "access-refused"]
    assert (problem.subject, str(problem.found)[:14]) == ("port 7845", "more than 1000")


def test_a_forger_with_luck_shows_no_dongle_that_is_silent(
    worker: D2lWorker, observer: Observer
) -> None:
    frames = [later(-120), later(-60), sealed(PayloadType.GET_CLOCK, b"")]
    for heard in frames:
        assert is_answered(worker.port, heard, OWN)
    eventually(lambda: observer.newest(ONLINE) == "offline", 10, "the meter is silent")
    count = observer.count(ONLINE)
    for heard in frames:
        is_answered(worker.port, lucky(heard), "127.0.0.66")
    time.sleep(1.0)
    assert observer.count(ONLINE) == count


def test_a_forger_with_luck_shows_no_dongle_without_a_reading(
    worker: D2lWorker, observer: Observer
) -> None:
    heard = [sealed(kind, b"") for kind in (PayloadType.GET_CLOCK, PayloadType.FIRMWARE_UPDATE)]
    old = sealed(PayloadType.PUSH_JSON, payload(ID, DATE=horodate(time.time() - 7200)))
    spoilt = sealed(PayloadType.PUSH_JSON, b"{")
    for one in (*heard, old, spoilt) * 3:  # far more luck than there is
        is_answered(worker.port, lucky(one), "127.0.0.66")
    eventually(lambda: observer.newest(ONLINE) == "offline", 10, "no sign of life")
    assert "online" not in observer.of(ONLINE)
    assert is_answered(worker.port, later(0), OWN)
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "its first reading")


def test_strangers_take_no_connection_of_a_dongle(worker: D2lWorker, observer: Observer) -> None:
    with Dongle(worker.port, source=OWN) as dongle, ExitStack() as strangers:
        dongle.send(later(-60))
        assert dongle.answer() is not None
        eventually(lambda: observer.newest(ONLINE) == "online", 5, "online")
        forged = [lucky(sealed(PayloadType.GET_CLOCK, b"")) for _ in range(6)]
        for number in range(3 * PLACES):
            one = strangers.enter_context(Dongle(worker.port, source=f"127.0.0.{number % 9 + 60}"))
            if number % 20 == 0:
                one.send(forged.pop())
                one.answer(1)
        dongle.send(later(0))
        assert dongle.answer() is not None
        with Dongle(worker.port, source="127.0.0.8") as another:
            another.send(later(1))
            assert another.answer() is not None


def test_unknown_ids_are_limited_and_the_table_of_ports_is_no_way_round(
    worker: D2lWorker, reports: NotifyReceiver
) -> None:
    for number in range(500):
        with socket.create_connection(
            ("127.0.0.1", worker.port), 5, source_address=("127.0.0.66", 0)
        ) as one:
            one.sendall(sealed(PayloadType.GET_CLOCK, b"", ID + 1000 + number))
            assert one.recv(64) == b""
    eventually(lambda: sum(refused(reports).values()) == 500, 5, "all are counted")
    assert refused(reports)["unknown device"] < 220
    assert not is_answered(worker.port, lucky(sealed(PayloadType.GET_CLOCK, b"")), "127.0.0.66")
    assert is_answered(worker.port, sealed(PayloadType.GET_CLOCK, b""), OWN)
