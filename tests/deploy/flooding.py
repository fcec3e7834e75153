"""Flood nginx from many addresses, and ask as a meter how long the answers take."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import IPv4Network
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.deploy import broker
from tests.deploy.lan import BRIDGE, BROKER, CLIENT, PROXY
from tests.deploy.site import Site
from tests.integration.d2l import D2lWorker, Dongle
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import ROOT, eventually

HALF_TLS = "\\x16\\x03\\x01\\x02\\x00\\x01\\x00"
ATTACKERS = [f"192.0.2.{number}" for number in range(20, 60)]
NEIGHBOURS = "198.51.100.0/24"  # a whole network: as many addresses as a home's has
EVERYBODY = [str(address) for address in IPv4Network(NEIGHBOURS).hosts()]
NUMBERS = count()  # of the logs


class Kind(NamedTuple):
    """How many connections are open that send `first`; flood.py has the meaning of `until`."""

    number: int
    first: str = ""
    until: str = "ended"


def add_attackers(site: Site) -> None:
    """Give the home's network the attackers' addresses."""
    for address in ATTACKERS:
        site.lan.house.run("ip", "address", "add", f"{address}/32", "dev", "lo")
    site.lan.house.run("ip", "route", "add", "local", NEIGHBOURS, "dev", "lo")


def hello() -> str:
    """Return the first bytes of a client of TLS, with which nginx begins a whole handshake."""
    sent = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname=PROXY)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return escaped(sent.read())


def hello_with(group: str) -> str:
    """Return the same of a client that offers only one group for the exchange of keys."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        target = f"127.0.0.1:{server.getsockname()[1]}"
        words = ["openssl", "s_client", "-connect", target, "-groups", group, "-servername", PROXY]
        quiet = subprocess.DEVNULL
        client = subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(10)
            head = connection.recv(
                5, socket.MSG_WAITALL
            )  # RFC 8446, 5.1: the last two are a length
            body = connection.recv(int.from_bytes(head[3:]), socket.MSG_WAITALL)
        client.wait(10)
    return escaped(head + body)


def escaped(data: bytes) -> str:
    """Return bytes as flood.py takes them."""
    return "".join(f"\\x{byte:02x}" for byte in data)


def memory(pid: int) -> int:
    """Return the bytes of a process and its children, what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return own + sum(memory(int(child)) for child in children)


@contextmanager
def flood(site: Site, port: int, kind: Kind, attackers: Sequence[str]) -> Iterator[Path]:
    """Flood `port` from the attackers' addresses; yield the file with what the flood prints."""
    log = site.directory / f"flood-{next(NUMBERS)}.log"
    words = (PROXY, str(port), str(kind.number), kind.until, kind.first)
    argv = [sys.executable, "-m", "tests.deploy.flood", *words]
    environ = {**ENVIRON, "PYTHONPATH": str(ROOT)}
    process = site.lan.house.start([*argv, *attackers], environ, log)
    try:
        eventually(lambda: log.exists() and len(log.read_text().splitlines()) > 2, 30, "the flood")
        yield log
        assert process.poll() is None, log.read_text()
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def meters(site: Site, directory: Path) -> Iterator[D2lWorker]:
    """Run the real broker, and the worker that answers dongles."""
    house = site.lan.house
    mosquitto = broker.start(site.host, site.lan, site.directory / "mosquitto.log")
    settings = {"host": BRIDGE, "port": 7846, "max_frames_per_minute": 1000}
    running: D2lWorker = house.call(
        lambda: D2lWorker(directory, 1883, HEMS_MQTT_HOST=BROKER, **settings)
    )
    try:
        eventually(lambda: house.reaches(BRIDGE, 7846, 1), 10, "the worker listens")
        yield running
    finally:
        running.stop()
        mosquitto.terminate()
        mosquitto.wait(20)


def answer_times(site: Site, number: int) -> list[float]:
    """Return how long (s) a meter waits for each answer, its new connection included."""
    times = []
    for _ in range(number):
        started = time.monotonic()
        with site.lan.house.call(lambda: Dongle(7845, host=PROXY, source=CLIENT)) as meter:
            meter.send(meter.clock_request())
            assert meter.answer() is not None
        times.append(time.monotonic() - started)
    return times


@contextmanager
def hostile(site: Site) -> Iterator[None]:
    """5 000 connections to 443 and to 1883 from 40 addresses, and one that floods 7845 itself."""
    with (
        flood(site, 443, Kind(5000, HALF_TLS), ATTACKERS),
        flood(site, 1883, Kind(5000, "x"), ATTACKERS),
        flood(site, 7845, Kind(500, "x"), ATTACKERS[:1]),
    ):
        yield
