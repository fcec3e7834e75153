"""Floods of the real nginx: only the address that floods is shut out, and meters are answered."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hems.settings.doors import DOORS, SETTING
from tests.deploy.flooding import (
    ATTACKERS,
    EVERYBODY,
    HALF_TLS,
    Kind,
    add_attackers,
    answer_times,
    flood,
    hello,
    hello_with,
    hostile,
    memory,
    meters,
)
from tests.deploy.lan import BRIDGE, BROKER, CLIENT, HOME_ASSISTANT, PROXY, Lan
from tests.deploy.site import DEVICE, NAME, Site
from tests.integration import mosquitto
from tests.integration.mosquitto import Observer
from tests.integration.namespaces import require_namespaces
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.deploy

MIB = 1 << 20
LIMIT = 192 * MIB  # mem_limit of nginx in docker-compose.yml
ALL_PORTS = [door.port for door in DOORS]
OPTIONAL = [door.port for door in DOORS if door.opened_by == SETTING]
HALF_REQUEST = f"GET / HTTP/1.1\\r\\nHost: {NAME}\\r\\nX: {'a' * 900}"
# What each kind of flood sends, without and with TLS.
FIRST = {
    "silent": ("", ""),
    "one byte": ("G", "\\x16"),
    "half a request": (HALF_REQUEST, HALF_TLS),
}


@pytest.fixture(scope="module")
def doors(gateway: Site) -> Site:
    """The gateway with every door open, and attackers in its network."""
    gateway.provision("nginx/doors.conf", OPEN_PORTS="8123, 8086, 3218, 6053")
    gateway.nginx.stop()
    gateway.nginx.start()
    add_attackers(gateway)
    return gateway


def stays_open(lan: Lan, port: int, source: str) -> bool:
    """Return whether nginx keeps a connection that says nothing for a moment."""
    with suppress(OSError), lan.connect(PROXY, port, source) as connection:
        connection.settimeout(0.5)
        try:
            return bool(connection.recv(1))
        except TimeoutError:
            return True
    return False


@contextmanager
def silent_services(lan: Lan) -> Iterator[None]:
    """Accept what nginx passes on as bytes, and say nothing until it ends."""
    addresses = ((BRIDGE, 7846), (BROKER, 1884), (HOME_ASSISTANT, 6053))
    listeners = [lan.listen(*address) for address in addresses]
    is_over = threading.Event()
    thread = threading.Thread(target=swallow, args=(listeners, is_over))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(10)


def swallow(listeners: Sequence[socket.socket], is_over: threading.Event) -> None:
    """Serve until `is_over`, then close everything."""
    with ExitStack() as everything, selectors.DefaultSelector() as selector:
        for listener in listeners:
            everything.enter_context(listener)
            listener.listen(4096)
            selector.register(listener, selectors.EVENT_READ)
        while not is_over.is_set():
            for key, _ in selector.select(0.1):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                if one in listeners:
                    selector.register(one.accept()[0], selectors.EVENT_READ)
                elif not received(one):
                    selector.unregister(one)
                    one.close()
        for key in selector.get_map().values():
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()


def received(one: socket.socket) -> bytes:
    try:
        return one.recv(4096)
    except OSError:
        return b""


@pytest.mark.parametrize("kind", ["silent", "one byte", "half a request"])
def test_one_address_that_floods_a_port_shuts_out_only_itself(doors: Site, kind: str) -> None:
    attacker = ATTACKERS[:1]
    with silent_services(doors.lan):
        for port in ALL_PORTS:
            first = FIRST[kind][port in {443, 8883}]
            with flood(doors, port, Kind(600, first), attacker):
                assert stays_open(doors.lan, port, CLIENT), port
                assert not stays_open(doors.lan, port, attacker[0]), port
            is_back = partial(stays_open, doors.lan, port, attacker[0])
            eventually(is_back, 60, f"{port}: it is let in again")


def test_every_port_flooded_by_many_addresses_fits_into_the_memory(doors: Site) -> None:
    """Each port has all that it accepts; nginx lives, and forgets it all."""
    firsts = {443: HALF_TLS, 8883: HALF_TLS, 80: HALF_REQUEST, 8123: HALF_REQUEST}
    floods = [flood(doors, one, Kind(1200, firsts.get(one, "x")), EVERYBODY) for one in ALL_PORTS]
    with silent_services(doors.lan):
        assert_memory(doors, floods)
    eventually(lambda: doors.client().ask("/healthz").status == 204, 60, "443 is free again")
    lines = doors.nginx.log.read_text().splitlines()
    assert len(lines) < 5000  # of hundreds of thousands of connections
    assert not [line for line in lines if "worker_connections" in line or "alert" in line]


def assert_memory(site: Site, floods: Sequence[object]) -> None:
    if floods:
        with floods[0]:  # type: ignore[attr-defined]
            assert_memory(site, floods[1:])
        return
    assert memory(site.nginx.pid) < LIMIT
    # hems's own port is not published, so nobody has filled it.
    with site.lan.connect(PROXY, 8080, BRIDGE) as probe:
        probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert probe.recv(12) == b"HTTP/1.1 204"


PORTS = {443: HALF_TLS, 80: HALF_REQUEST, 8883: HALF_TLS, 1883: "", 7845: ""}


@pytest.mark.parametrize("port", PORTS)
def test_a_whole_network_that_floods_a_port_keeps_nobody_out(
    doors: Site, tmp_path: Path, port: int
) -> None:
    """Every address of the attackers has all places that it can have, and takes them again."""
    require_namespaces("mosquitto")
    with meters(doors, tmp_path), flood(doors, port, Kind(3000, PORTS[port]), EVERYBODY):
        for _ in range(4):
            assert serves(doors, port)
            time.sleep(1)  # until its connection is forgotten everywhere
    assert not (Path(f"/proc/{doors.nginx.pid}/net/tcp6").read_text().splitlines()[1:])


@pytest.mark.parametrize("attackers", [ATTACKERS[:6], EVERYBODY], ids=["six", "everybody"])
@pytest.mark.parametrize("port", OPTIONAL)
def test_nobody_is_kept_out_of_a_port_that_a_setting_opens(
    doors: Site, port: int, attackers: Sequence[str]
) -> None:
    with silent_services(doors.lan), flood(doors, port, Kind(2000), attackers):
        for _ in range(4):
            assert stays_open(doors.lan, port, CLIENT)
            time.sleep(1)  # until its connection is forgotten everywhere


def serves(site: Site, port: int) -> bool:
    """Return whether a client of the home gets what a port is for, in its first attempt."""
    if port == 7845:
        return len(answer_times(site, 1)) == 1
    if port in {80, 443}:
        return site.client().ask("/healthz", tls=port == 443).status == 204
    device = mqtt.Client(CallbackAPIVersion.VERSION2, DEVICE)
    device.username_pw_set(DEVICE, mosquitto.PASSWORD)
    if port == 8883:
        device.tls_set_context(site.client().context())
    said: list[bool] = []
    device.on_connect = lambda *arguments: said.append(not arguments[3].is_failure)
    site.lan.house.call(lambda: device.connect(PROXY, port, bind_address=CLIENT))
    device.loop_start()
    eventually(lambda: bool(said), 30, "the broker answers")
    device.disconnect()
    device.loop_stop()
    return said[0]


def test_a_flood_of_handshakes_keeps_nobody_waiting(doors: Site, tmp_path: Path) -> None:
    """Each connection costs nginx a signature, and the attackers next to nothing."""
    require_namespaces("mosquitto")
    hellos = flood(doors, 443, Kind(500, hello(), "answered"), EVERYBODY)
    with meters(doors, tmp_path), hellos as log:
        assert median(answer_times(doors, 60)) < 5  # tests/bench/floods.py has the budget
        assert serves(doors, 443)
    assert int(log.read_text().splitlines()[-1].split()[-2]) > 100  # they were handshakes


def test_a_flood_of_costly_handshakes_keeps_nobody_waiting(doors: Site, tmp_path: Path) -> None:
    """The attackers ask for a key exchange of 8192 bits, 50 ms of nginx's time each."""
    require_namespaces("mosquitto", "openssl")
    costly = flood(doors, 443, Kind(500, hello_with("ffdhe8192"), "answered"), EVERYBODY)
    with meters(doors, tmp_path), costly:
        assert median(answer_times(doors, 60)) < 5
        assert serves(doors, 443)


def test_a_whole_network_that_guesses_passwords_keeps_nobody_waiting(
    doors: Site, tmp_path: Path
) -> None:
    """nginx checks each guess with bcrypt, and serves nobody else meanwhile."""
    require_namespaces("mosquitto")
    guess = f"GET / HTTP/1.1\\r\\nHost: {NAME}\\r\\nAuthorization: Basic YWRtaW46eA==\\r\\n\\r\\n"
    guesses = flood(doors, 3218, Kind(400, guess * 20, "answered"), EVERYBODY)
    with meters(doors, tmp_path), guesses:
        assert median(answer_times(doors, 60)) < 0.5
        assert serves(doors, 443)


def test_a_slow_client_does_not_keep_its_connection(doors: Site) -> None:
    """A header of a byte a second, and a handshake that never ends."""
    with (
        doors.lan.connect(PROXY, 80, ATTACKERS[0]) as slow,
        doors.lan.connect(PROXY, 443, ATTACKERS[0]) as silent,
    ):
        started = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        while not (has_ended(slow, b"a") and has_ended(silent)):
            assert time.monotonic() - started < 20
        assert time.monotonic() - started > 5


def has_ended(one: socket.socket, more: bytes = b"") -> bool:
    """Wait half a second at most for the end of a connection; send `more` before."""
    one.settimeout(0.5)
    try:
        one.sendall(more)
        return not one.recv(100)
    except TimeoutError:
        return False
    except OSError:
        return True


def test_meters_are_answered_and_workers_stay_connected_in_a_flood(
    doors: Site, tmp_path: Path
) -> None:
    require_namespaces("mosquitto")
    with meters(doors, tmp_path) as worker:
        with doors.lan.house.call(lambda: Observer(1883)) as home_assistant, hostile(doors):
            times = answer_times(doors, 60)
            home_assistant.publish("hems/flood/state", "still here")
            eventually(lambda: home_assistant.newest("hems/flood/state") == "still here", 5, "it")
        assert quantiles(times, n=100)[98] < 5, times  # tests/bench/floods.py has the budget
        assert "connection lost" not in worker.log().lower()
