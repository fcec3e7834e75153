"""The real mosquitto with the files that provision makes: who gets in, and may do what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.mqtt_service import MqttService, answer
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
    ("plug", "homeassistant/sensor/a/config", ""),
    ("plug", "homeassistant/sensor/plug/a/config", "write"),
    ("plug", "homeassistant/status", "read"),
    ("plug", "hems/d2l/1/state", ""),
    ("plug", "hems/command/blink_leds", ""),  # a command to the gateway
    ("homeassistant", "hems/command/blink_leds", "read write"),
    ("plug", "plugs/state", ""),
    ("car", "car/1/state", "read write"),
    ("car", "car/1/other", ""),
    ("car", "grid/power/more", ""),
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttService]:
    with MqttService(tmp_path_factory.mktemp("broker"), USERS) as service:
        yield service


def door(broker: MqttService, user: str) -> int:
    return broker.port if user in ("homeassistant", "hems") else broker.device_port


@pytest.mark.parametrize("user", OWN_TOPIC)
def test_a_user_gets_in_with_his_own_password_only(broker: MqttService, user: str) -> None:
    assert answer(door(broker, user), user, broker.passwords[user]) == "Success"
    for password in ("wrong", "", None, broker.passwords["plug" if user == "car" else "car"]):
        assert answer(door(broker, user), user, password) == "Not authorized"


def test_nobody_gets_in_without_a_name(broker: MqttService) -> None:
    assert answer(broker.port, None, None) == "Not authorized"
    assert answer(broker.port, "nobody", broker.passwords["hems"]) == "Not authorized"


@pytest.mark.parametrize(("user", "topic", "rights"), RIGHTS)
def test_a_user_writes_where_he_may_and_nowhere_else(
    broker: MqttService, user: str, topic: str, rights: str
) -> None:
    with broker.join("homeassistant") as watcher, broker.join(user) as writer:
        writer.publish(topic, "written")
        watcher.publish("any/mark", "")
        eventually(lambda: watcher.count("any/mark") == 1, 10, "the broker is that far")
        assert watcher.of(topic) == (["written"] if "write" in rights else [])


@pytest.mark.parametrize(("user", "topic", "rights"), RIGHTS)
def test_a_user_reads_what_he_may_and_nothing_else(
    broker: MqttService, user: str, topic: str, rights: str
) -> None:
    with broker.join("homeassistant") as writer, broker.join(user) as reader:
        writer.publish(topic, "to be read")
        writer.publish(OWN_TOPIC[user], "mark")
        eventually(lambda: "mark" in reader.of(OWN_TOPIC[user]), 10, "the broker is that far")
        assert reader.of(topic) == (["to be read"] if "read" in rights else [])
