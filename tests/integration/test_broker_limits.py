"""The real telemetry worker reports a real mosquitto that is at one of its limits."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hems.protocols.mqtt.broker_topics_and_limits import (
    DEVICE_CONNECTIONS,
    MEMORY_LIMIT,
    OWN_CONNECTIONS,
)
from hems.settings.shared_secret_rules import Secret
from hems.supervision.worker.notification_datagram import MAX_SIZE, decode
from tests.integration.mosquitto import Mosquitto
from tests.integration.provision import ProvisionWorker, provisioned
from tests.integration.worker_process import WorkerProcess, eventually

pytestmark = pytest.mark.integration

NAME, WITHIN_S = "broker-at-its-limit", 60.0
QUEUE = 2  # messages
OWN = f"sys_interval 1\nmax_queued_messages {QUEUE}\nmemory_limit {MEMORY_LIMIT}\n"
LARGE, COUNT = bytes(1_000_000), MEMORY_LIMIT * 97 // 100 // 1_000_000


class Supervisor:
    """Receives what a worker notifies, and keeps its last problems."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._found: dict[str, str | None] | None = None

    def found(self) -> str | None:
        """Return what was found, empty for nothing; None if that is not known."""
        while select.select([self._socket], [], [], 0)[0]:
            message = decode(self._socket.recv(MAX_SIZE))
            if message.problems is not None:
                self._found = {one.name: one.found for one in message.problems}
        return None if self._found is None else self._found.get(NAME, "")

    def close(self) -> None:
        self._socket.close()


class Rig:
    """The broker with provision's files, and telemetry, which is watched."""

    def __init__(self, directory: Path, made: ProvisionWorker, broker: Mosquitto) -> None:
        self.broker = broker
        self._made = made
        self.supervisor = Supervisor(directory / "notify")
        environ = {
            "NOTIFY_SOCKET": directory / "notify",
            "WATCHDOG_USEC": 30_000_000,
            "HEMS_MQTT_HOST": "127.0.0.1",
            "HEMS_MQTT_PORT": broker.port,
            "HEMS_TELEMETRY_HEALTH_FILE": directory / "health.json",
            "HEMS_WATCHDOG_STATE_FILE": directory / "state.json",
            "HEMS_WATCHDOG_DATA_DIRECTORY": directory,
            "MQTT_USER": "hems",
            "MQTT_PASSWORD": made.secret(Secret.MQTT_PASSWORD),
        }
        self.worker = WorkerProcess("telemetry", directory, environ)

    def finds(self, words: str) -> None:
        """Wait until this is found; empty for nothing."""
        eventually(lambda: self.supervisor.found() == words, WITHIN_S, words or "nothing is found")

    def client(self, name: str) -> mqtt.Client:
        """Return a client of Home Assistant's login, which the broker remembers by `name`."""
        version = CallbackAPIVersion.VERSION2
        client = mqtt.Client(version, client_id=name, clean_session=False)
        password = self._made.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD)
        client.username_pw_set("homeassistant", password)
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        eventually(client.is_connected, WITHIN_S, f"{name} is connected")
        return client

    def connect(self) -> socket.socket:
        """Return a connection that has logged in and says no more."""
        login = ("homeassistant", self._made.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD))
        body = text("MQTT") + b"\x04\xc2\x00\x00" + text("") + b"".join(map(text, login))
        joined = socket.create_connection(("127.0.0.1", self.broker.port), WITHIN_S)
        joined.sendall(bytes((0x10, len(body))) + body)  # CONNECT: MQTT 3.1.1, section 3.1
        assert joined.recv(4)[3] == 0
        return joined


def text(value: str) -> bytes:
    return struct.pack("!H", len(value)) + value.encode()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = provisioned(tmp_path)
    directory = tmp_path / "telemetry"
    directory.mkdir()
    conf = (made.gateway / "mosquitto.conf").read_text()
    conf = conf.replace(
        f"max_connections {OWN_CONNECTIONS}",
        f"max_connections {DEVICE_CONNECTIONS + OWN_CONNECTIONS}",
    )  # as devices
    broker = Mosquitto(directory, conf + OWN)
    broker.start()
    rig = Rig(directory, made, broker)
    try:
        with rig.worker:
            rig.finds("")
            yield rig
    finally:
        rig.supervisor.close()
        broker.kill()


def test_a_broker_that_is_away_is_not_known_until_it_is_back(rig: Rig) -> None:
    for _ in range(2):
        rig.broker.kill()
        eventually(lambda: rig.supervisor.found() is None, WITHIN_S, "nothing is known")
        rig.broker.start()
        rig.finds("")


def test_messages_that_are_dropped_for_a_client_are_found(rig: Rig) -> None:
    slow = rig.client("slow")
    slow.subscribe("any/#", qos=1)
    slow.publish("any/first", "", qos=1).wait_for_publish(WITHIN_S)
    slow.disconnect()
    slow.loop_stop()
    fast = rig.client("fast")
    for _ in range(QUEUE + 30):
        fast.publish("any/thing", "x", qos=1).wait_for_publish(WITHIN_S)
    rig.finds("it drops messages for clients that are too slow")
    fast.disconnect()
    fast.loop_stop()


def test_connections_that_run_out_are_found_until_they_are_free(rig: Rig) -> None:
    for _ in range(2):
        with ExitStack() as stack:
            for _number in range(DEVICE_CONNECTIONS * 96 // 100):
                stack.enter_context(rig.connect())
            rig.finds("more than 95% of its 640 connections are in use")
        rig.finds("")


def test_memory_that_runs_out_is_found_until_it_is_free(rig: Rig) -> None:
    client = rig.client("large")
    for _ in range(2):
        for payload, words in (
            (LARGE, "more than 95% of its 48 MiB of memory are in use"),
            (b"", ""),
        ):
            for number in range(COUNT):
                client.publish(f"any/{number}", payload, qos=1, retain=True).wait_for_publish(60)
            rig.finds(words)
    client.disconnect()
    client.loop_stop()
