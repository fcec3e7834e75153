"""The container mqtt: the real mosquitto with its own files, before and with what hems writes."""

from __future__ import annotations

import signal
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hems.protocols.mqtt.broker_topics_and_limits import DEVICE_CONNECTIONS
from hems.settings.mqtt_bridge import CentralBroker, MqttBridgeSettings
from hems.settings.shared_secret_rules import HOME_ASSISTANT
from hems.workers.provision.mqtt_bridge import configuration
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.mqtt_service import MqttService
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.deploy
USERS = "plug:of the plug;car:of the car"


def connects(port: int) -> bool:
    try:
        return mqtt.Client(CallbackAPIVersion.VERSION2).connect("127.0.0.1", port) == 0
    except OSError:
        return False


def test_before_hems_has_written_anything_it_runs_and_nobody_gets_in(tmp_path: Path) -> None:
    with MqttService(tmp_path, is_provisioned=False) as service:
        assert not connects(service.port)
        service.passwords["plug"] = "of the plug"
        with suppress(ConnectionResetError), service.raw("plug") as device:
            assert device.recv(4) == b""


def test_what_is_retained_outlives_a_restart(tmp_path: Path) -> None:
    service = MqttService(tmp_path)
    with service, service.join("hems") as publisher:
        publisher.publish("hems/gateway/state", "1", retain=True)
        eventually(lambda: publisher.count("hems/gateway/state") == 1, 5, "published")
    assert service.data.joinpath("mosquitto.db").exists()
    with service, service.join("hems") as later:
        eventually(lambda: later.count("hems/gateway/state") == 1, 5, "still there")


def test_its_exit_status_is_mosquittos_and_a_stop_is_no_fault(tmp_path: Path) -> None:
    service = MqttService(tmp_path)
    service.start()
    assert service.stop() == 0
    service.start()
    service.signal(signal.SIGKILL)
    assert service.ends(10) == signal.SIGKILL


def test_a_configuration_that_mosquitto_refuses_leaves_the_store_alone(tmp_path: Path) -> None:
    service = MqttService(tmp_path)
    with service, service.join("hems") as publisher:
        publisher.publish("hems/gateway/state", "1", retain=True)
    (service.gateway / "x.conf").write_text("no_such_thing\n")
    for _ in range(2):
        with pytest.raises(AssertionError, match="no_such_thing"):
            service.start()
        assert service.ends(10) == 1
    service.gateway.joinpath("x.conf").unlink()
    with service, service.join("hems") as later:
        eventually(lambda: later.count("hems/gateway/state") == 1, 5, "still there")
        assert service.report()["store_damaged_at"] is None


def test_a_broker_that_hangs_is_ended(tmp_path: Path) -> None:
    service = MqttService(tmp_path)
    service.start()
    service.signal(signal.SIGSTOP)
    assert service.ends(60) == signal.SIGKILL
    assert "does not answer" in service.log()


def test_a_changed_password_of_a_device_counts_at_once(tmp_path: Path) -> None:
    with MqttService(tmp_path, USERS) as service, service.join("plug"):
        before = (service.gateway / "mosquitto" / "device-passwd").read_text().splitlines()
        (service.gateway / "mosquitto" / "device-passwd").write_text(before[1] + "\n")
        eventually(lambda: "plug" not in _names(service), 10, "the file in use")
        eventually(lambda: "Client plug disconnected" in service.log(), 10, "it is out")
        with service.join("car"):
            pass


def _names(service: MqttService) -> list[str]:
    lines = (service.run / "device-passwd").read_text().splitlines()
    return [line.partition(":")[0] for line in lines]


@pytest.mark.parametrize("said", [b"", b"\x10", b"\x10\x80\x80\x04\x00\x04MQTT"])
def test_strangers_who_fill_the_devices_door_lock_out_nobody_else(
    tmp_path: Path, said: bytes
) -> None:
    with MqttService(tmp_path, USERS) as service, ExitStack() as stack:
        for _ in range(DEVICE_CONNECTIONS + 100):
            silent = socket.create_connection(("127.0.0.1", service.device_port), 10)
            stack.callback(silent.close)
            silent.sendall(said)
        for _ in range(3):
            with service.join(HOME_ASSISTANT) as home, service.join("hems") as worker:
                worker.publish("hems/gateway/state", "1")
                eventually(lambda seen=home: seen.count("hems/gateway/state") > 0, 5, "it arrives")  # type: ignore[misc]
        assert service.report()["store_damaged_at"] is None


@pytest.mark.parametrize("said", [b"\x10", b"\x10\x80\x01\x00\x04MQTT"])
def test_half_logins_keep_no_device_out(tmp_path: Path, said: bytes) -> None:
    """The door has 640 places, an address 24: as many strangers as it takes to fill mosquitto's."""
    with MqttService(tmp_path, USERS) as service, ExitStack() as stack:
        for number in range(600):
            head = f"PROXY TCP4 10.0.0.{number // 24 + 1} 172.18.4.4 50000 8883\r\n".encode()
            half = socket.create_connection(("127.0.0.1", service.device_port), 10)
            stack.callback(half.close)
            half.sendall(head + said)
        for user in ("plug", "car"):
            with service.raw(user, proxy="192.168.1.77") as device:
                device.settimeout(8)
                assert device.recv(4) == b"\x20\2\0\0"


def test_a_bridge_beside_it_sends_readings_on(tmp_path: Path) -> None:
    (tmp_path / "central").mkdir()
    central = Mosquitto(tmp_path / "central")
    central.start()
    try:
        service = MqttService(tmp_path)
        login = CentralBroker("127.0.0.1", central.port, False, USER, PASSWORD)
        text = configuration(MqttBridgeSettings(), login, "home-1")
        (service.gateway / "bridge.conf").write_text(text)
        with Observer(central.port) as far, service, service.join(HOME_ASSISTANT) as near:
            near.publish("hems/reading", "1")
            near.publish("private/reading", "1")
            eventually(lambda: far.count("home-1/hems/reading") == 1, 15, "it arrives")
            assert {topic for topic, _ in far.messages} == {"home-1/hems/reading"}
    finally:
        central.kill()
