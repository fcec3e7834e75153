"""The real mosquitto with the files that provision makes: who gets in, and may do what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hems.settings.logins import Secret
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.provision import provisioned
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

USERS = "plug:of the plug;car:of the car:grid/power,car/+/state"
OWN_TOPIC = {
    "homeassistant": "any/thing",
    "hems": "hems/own",
    "plug": "plug/own",
    "car": "grid/power",
}
RIGHTS = [
    ("homeassistant", "hems/d2l/1/state", "read write"),
    ("homeassistant", "homeassistant/status", "read write"),
    ("hems", "hems/d2l/1/state", "read write"),
    ("hems", "homeassistant/sensor/a/config", "write"),
    ("hems", "homeassistant/status", "read write"),
    ("hems", "plug/state", ""),
    ("hems", "$SYS/broker/own", ""),  # nobody writes there
    ("hems", "hemsx/state", ""),
    ("plug", "plug/a/b", "read write"),
    ("plug", "homeassistant/sensor/a/config", "write"),
    ("plug", "homeassistant/status", "read write"),
    ("plug", "hems/d2l/1/state", ""),
    ("plug", "plugs/state", ""),
    ("car", "car/1/state", "read write"),
    ("car", "car/1/other", ""),
    ("car", "grid/power/more", ""),
]


@dataclass
class Broker:
    port: int
    passwords: dict[str, str]

    def join(self, user: str) -> Observer:
        return Observer(self.port, user, self.passwords[user])

    def answer(self, user: str | None, password: str | None) -> str:
        """Return what the broker says to a login."""
        said: list[str] = []
        answered = threading.Event()

        def on_connect(*arguments: object) -> None:
            said.append(str(arguments[3]))
            answered.set()

        client = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.username_pw_set(user, password)
        client.on_connect = on_connect
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        assert answered.wait(10), "the broker has not answered"
        client.disconnect()
        client.loop_stop()
        return said[0]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = provisioned(tmp_path_factory.mktemp("made"), MQTT_USERS=USERS)
    configuration = (made.gateway / "mosquitto.conf").read_text()
    running = Mosquitto(tmp_path_factory.mktemp("broker"), configuration)
    running.start()
    try:
        yield Broker(
            running.port,
            {
                "homeassistant": made.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD),
                "hems": made.secret(Secret.MQTT_PASSWORD),
                "plug": "of the plug",
                "car": "of the car",
            },
        )
    finally:
        running.kill()


@pytest.mark.parametrize("user", OWN_TOPIC)
def test_a_user_gets_in_with_his_own_password_only(broker: Broker, user: str) -> None:
    assert broker.answer(user, broker.passwords[user]) == "Success"
    for password in ("wrong", "", None, broker.passwords["plug" if user == "car" else "car"]):
        assert broker.answer(user, password) == "Not authorized"


def test_nobody_gets_in_without_a_name(broker: Broker) -> None:
    assert broker.answer(None, None) == "Not authorized"
    assert broker.answer("nobody", broker.passwords["hems"]) == "Not authorized"


@pytest.mark.parametrize(("user", "topic", "rights"), RIGHTS)
def test_a_user_writes_where_he_may_and_nowhere_else(
    broker: Broker, user: str, topic: str, rights: str
) -> None:
    with broker.join("homeassistant") as watcher, broker.join(user) as writer:
        writer.publish(topic, "written")
        watcher.publish("any/mark", "")
        eventually(lambda: watcher.count("any/mark") == 1, 10, "the broker is that far")
        assert watcher.of(topic) == (["written"] if "write" in rights else [])


@pytest.mark.parametrize(("user", "topic", "rights"), RIGHTS)
def test_a_user_reads_what_he_may_and_nothing_else(
    broker: Broker, user: str, topic: str, rights: str
) -> None:
    with broker.join("homeassistant") as writer, broker.join(user) as reader:
        writer.publish(topic, "to be read")
        writer.publish(OWN_TOPIC[user], "mark")
        eventually(lambda: "mark" in reader.of(OWN_TOPIC[user]), 10, "the broker is that far")
        assert reader.of(topic) == (["to be read"] if "read" in rights else [])
