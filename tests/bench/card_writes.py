"""What a day of the loudest attacks writes to the card of a gateway.

Attackers with every address of a home's network do everything at once that is refused: logins,
pages, foreign hosts, frames. A device with a login keeps as much as it may. What has a burst is
exhausted first; then bytes are counted for a while, and scaled to a day. Home Assistant's database
is apart: it stores every change of a state, attacked or not.
"""

from __future__ import annotations

import runpy
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hems.protocols.linky.d2l_frames import PayloadType
from tests.bench.table import Row
from tests.deploy import broker
from tests.deploy.flooding import EVERYBODY, Kind, escaped, flood
from tests.deploy.lan import CLIENT, PROXY
from tests.deploy.site import DEVICE, Site
from tests.e2e.gateway import Gateway
from tests.integration.d2l import payload, sealed
from tests.integration.mosquitto import PASSWORD
from tests.integration.mqtt_service import connect

OURS = ("nginx-reverse-proxy", "mqtt", "hems")
QUIET_S, BURST_S, COUNTED_S = 60.0, 60.0, 120.0
DAY_S, HOURS, BANS_SAVED = 86_400.0, 24, 144  # a day; expiring_bans.py saves them every ten minutes
BUDGET = 10_000_000
OPEN = 60  # connections of each kind
MESSAGES, SIZE, PAUSE_S = 2_900, 650, 0.013  # retained: the most that a login keeps and may send
TOLD = "X-Forwarded-Proto: https\r\n"  # as behind a tunnel, where nothing is redirected
REQUESTS = (
    "GET / HTTP/1.1\r\nHost: evil.example",
    f"GET /nothing-there HTTP/1.1\r\n{TOLD}Host: {PROXY}",
    f"GET /api/states HTTP/1.1\r\n{TOLD}Host: {PROXY}\r\nAuthorization: Bearer wrong",
    f"GET /configurator/ HTTP/1.1\r\n{TOLD}Host: {PROXY}\r\nAuthorization: Basic d3Jvbmc6d3Jvbmc=",
    f"POST /influx/api/v2/signin HTTP/1.1\r\n{TOLD}Host: {PROXY}\r\nContent-Length: 0",
    f"POST /auth/login_flow HTTP/1.1\r\n{TOLD}Host: {PROXY}\r\nContent-Length: 1",
    f"GET /?x=../../etc HTTP/1.1\r\n{TOLD}Host: {PROXY}",
    "\x16\x03 no HTTP",
)


def attacked(home: Gateway) -> Iterator[Row]:
    """Yield how much the attacks write in a day, and what they cost Home Assistant's database."""
    quiet = Written(home)
    time.sleep(QUIET_S)
    database = quiet.rate("homeassistant")
    log, written = _log(home), Written(home)
    with _attacks(home.site):
        time.sleep(BURST_S)
        bursts, steady = written.bytes(), Written(home)
        time.sleep(COUNTED_S)
        rates = {name: steady.rate(name) for name in home.processes()}
    parts = {name: bursts[name] + rates[name] * DAY_S for name in OURS}
    parts["retained messages"] = _store(home)
    parts["Home Assistant's log"] = HOURS * (_log(home) - log)  # bounded_log.py: so much an hour
    parts["its bans"] = BANS_SAVED * _size(home.home_assistant.config / "ip_bans.yaml")
    total = sum(parts.values())
    said = ", ".join(f"{name} {size / 1e6:.2f}" for name, size in parts.items())
    what = "a day of the loudest attacks writes to the card"
    yield Row(what, f"{total / 1e6:.1f} MB ({said})", f"< {BUDGET / 1e6:.0f} MB", total < BUDGET)
    change = f"{rates['homeassistant'] / 1e3:.1f} kB/s, {database / 1e3:.1f} without an attack"
    yield Row("Home Assistant's process writes meanwhile", change)


class Written:
    """What each service has written to a disk since this was made."""

    def __init__(self, home: Gateway) -> None:
        self._home = home
        self._began_at = time.monotonic()
        self._before = self._now()

    def bytes(self) -> dict[str, int]:
        return {name: size - self._before[name] for name, size in self._now().items()}

    def rate(self, name: str) -> float:
        """Return the bytes a second of a service."""
        return self.bytes()[name] / (time.monotonic() - self._began_at)

    def _now(self) -> dict[str, int]:
        return {name: _written(pid) for name, pid in self._home.processes().items()}


def _written(pid: int) -> int:
    """Return the bytes that a process and its children caused to be written: proc_pid_io(5)."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(map(_written, map(int, children)))


@contextmanager
def _attacks(site: Site) -> Iterator[None]:
    wrong = bytearray(sealed(PayloadType.PUSH_JSON, payload()))
    wrong[-1] ^= 1  # its CRC does not fit
    stranger = sealed(PayloadType.PUSH_JSON, payload(1), 1)
    firsts = [(80, f"{request}\r\nConnection: close\r\n\r\nx".encode()) for request in REQUESTS]
    firsts += [(7845, bytes(wrong)), (7845, stranger)]
    firsts += [(1883, connect(user, "a wrong password")) for user in (DEVICE, "nobody")]
    with ExitStack() as stack:
        for port, first in firsts:
            kind = Kind(OPEN, escaped(first), "answered")
            stack.enter_context(flood(site, port, kind, EVERYBODY))
        stack.enter_context(_retaining(site))
        yield


@contextmanager
def _retaining(site: Site) -> Iterator[None]:
    """Let a device publish as much as it may, all retained, and never the same twice."""
    device = mqtt.Client(CallbackAPIVersion.VERSION2)
    device.username_pw_set(DEVICE, PASSWORD)
    site.lan.house.call(lambda: device.connect(PROXY, 1883, bind_address=CLIENT))
    device.loop_start()
    is_over = threading.Event()

    def publish() -> None:
        number = 0
        while not is_over.wait(PAUSE_S):
            number += 1
            topic = f"{DEVICE}/{number % MESSAGES}"
            device.publish(topic, f"{number}".ljust(SIZE, "x"), retain=True)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(10)
        device.disconnect()
        device.loop_stop()


def _store(home: Gateway) -> float:
    """Return what a day's saves of the broker's store write, as large as it is now."""
    home.stop("mqtt")  # which saves it
    store = runpy.run_path(str(broker.FILES / "message_store.py"))["MessageStore"](
        home.card / "store"
    )
    size, pause_s = _size(store.path), store.pause_s()
    home.start("mqtt")
    return float(size * DAY_S / pause_s)


def _log(home: Gateway) -> int:
    return sum(map(_size, home.home_assistant.config.glob("home-assistant.log*")))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
