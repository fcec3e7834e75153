"""The broker's own configuration, in a real mosquitto: before, and with, what hems writes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from dev.launcher.free_port import free_port
from hems.settings.mqtt_bridge import CentralBroker, MqttBridgeSettings
from hems.workers.provision.mqtt_bridge import configuration
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer, program
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.deploy
FILES = ROOT / "services" / "mqtt"


class Broker:
    """services/mqtt, its folders and its loopback port moved to this machine's."""

    def __init__(self, directory: Path) -> None:
        self.port, self.health_port = free_port(None), free_port(None)
        self.gateway = directory / "gateway"
        self._conf = directory / "mosquitto.conf"
        moved = {
            "/mosquitto/config/": f"{FILES}/",
            "/mosquitto/data/": f"{directory}/",
            "include_dir /gateway": f"include_dir {self.gateway}",
            "listener 1884 ": f"listener {self.health_port} ",
        }
        text = (FILES / "mosquitto.conf").read_text()
        for theirs, ours in moved.items():
            assert theirs in text
            text = text.replace(theirs, ours)
        self._conf.write_text(f"{text}\nuser root\n")
        self.gateway.mkdir()

    def provide(self) -> None:
        """Write a listener that lets anybody in: the users are provision's tests' matter."""
        listener = f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
        (self.gateway / "mosquitto.conf").write_text(listener)

    @contextmanager
    def running(self) -> Iterator[None]:
        process = subprocess.Popen([program(), "-c", str(self._conf)], stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: connects(self.health_port), 10, "the broker listens")
            yield
        finally:
            process.terminate()
            process.wait(10)


def connects(port: int) -> bool:
    try:
        return mqtt.Client(CallbackAPIVersion.VERSION2).connect("127.0.0.1", port) == 0
    except OSError:
        return False


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path)


def test_before_hems_has_written_anything_it_runs_and_nobody_gets_in(broker: Broker) -> None:
    with broker.running():
        assert not connects(broker.port)


def test_the_health_listener_tells_the_uptime_and_nothing_else(broker: Broker) -> None:
    broker.provide()
    with broker.running(), Observer(broker.port) as publisher:
        with Observer(broker.health_port, user="") as watcher:
            watcher.subscribe("$SYS/#")
            eventually(lambda: bool(watcher.messages), 15, "a message")
            publisher.publish("hems/reading", "1")
            watcher.publish("hems/forged", "1")
            eventually(lambda: publisher.count("hems/reading") == 1, 5, "published")
        assert {topic for topic, _ in watcher.messages} == {"$SYS/broker/uptime"}
        assert publisher.count("hems/forged") == 0


def test_what_is_retained_outlives_a_restart(broker: Broker) -> None:
    broker.provide()
    with broker.running(), Observer(broker.port) as publisher:
        publisher.publish("hems/state", "1", retain=True)
        eventually(lambda: publisher.count("hems/state") == 1, 5, "published")
    with broker.running(), Observer(broker.port) as later:
        eventually(lambda: later.count("hems/state") == 1, 5, "still there")


def test_a_bridge_beside_it_sends_readings_on(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "central").mkdir()
    central = Mosquitto(tmp_path / "central")
    central.start()
    try:
        broker.provide()
        login = CentralBroker("127.0.0.1", central.port, False, USER, PASSWORD)
        text = configuration(MqttBridgeSettings(), login, "home-1")
        (broker.gateway / "bridge.conf").write_text(text)
        with Observer(central.port) as far, broker.running(), Observer(broker.port) as near:
            near.publish("hems/reading", "1")
            near.publish("private/reading", "1")
            eventually(lambda: far.count("home-1/hems/reading") == 1, 15, "it arrives")
            assert {topic for topic, _ in far.messages} == {"home-1/hems/reading"}
    finally:
        central.kill()
