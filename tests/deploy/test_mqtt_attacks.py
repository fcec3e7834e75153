"""What a device with a login, or a stranger without one, tries at the broker."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hems.protocols.mqtt.broker_topics_and_limits import MEMORY_LIMIT
from hems.settings.shared_secret_rules import HOME_ASSISTANT
from tests.integration.mosquitto import Observer, program
from tests.integration.mqtt_service import REPORT, MqttService, answer, connect, publish
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.deploy
BRIDGE = "homeassistant/+/+/+/config,zigbee2mqtt/#,+/state"
USERS = f"plug:of the plug;car:of the car;zigbee:of the bridge:{BRIDGE}"
LIMIT = 96 << 20  # mem_limit of the container in docker-compose.yml
SHUT_OUT = "plug sends too much"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttService]:
    with MqttService(tmp_path_factory.mktemp("mqtt"), USERS) as service:
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[MqttService]:
    with MqttService(tmp_path, USERS) as service:
        yield service


# A2: under whose name a device publishes.
FOREIGN = [
    ("plug", "homeassistant/sensor/car/power/config"),
    ("plug", "homeassistant/sensor/car_power/config"),
    ("plug", "homeassistant/device/gateway_0a1b2c/config"),
    ("plug", "homeassistant/status"),
    ("plug", "homeassistant/plug/config"),
    ("plug", "car/power"),
    ("plug", "hems/gateway/state"),
    ("plug", "hems/zigbee-joining/command/open"),
    ("zigbee", "hems/zigbee-joining/command/name"),
    ("plug", "homeassistant/device/gateway_0a1b2c/zigbee-joining/config"),
    ("plug", "plugs"),
    ("plug", "$SYS/broker/uptime"),
    ("plug", REPORT),
    ("zigbee", "homeassistant/sensor/plug/power/config"),
    ("zigbee", "homeassistant/sensor/zigbee2/config"),
    ("zigbee", "homeassistant/status"),
    ("zigbee", "plug/state"),
    ("zigbee", "hems/gateway/state"),
]
OWN = [
    ("plug", "plug/a/b"),
    ("plug", "homeassistant/sensor/plug/power/config"),  # node_id is the name
    ("plug", "homeassistant/device/plug/config"),
    ("zigbee", "homeassistant/light/0x00158d0001dc126a/light/config"),
    ("zigbee", "homeassistant/device/zigbee/config"),
    ("zigbee", "zigbee2mqtt/bridge/state"),
    ("zigbee", "tele/state"),
]


def publishes(service: MqttService, user: str, topic: str) -> None:
    with service.join(user) as device:
        device.publish(topic, "forged", retain=True)


def clears(service: MqttService, user: str, topic: str) -> None:
    with service.join(user) as device:
        device.publish(topic, "", retain=True)


def dies(service: MqttService, user: str, topic: str) -> None:
    device = service.client(user)
    device.will_set(topic, "forged", qos=1, retain=True)
    with suppress(ConnectionError):
        device.connect("127.0.0.1", service.device_port)
    device.loop_start()
    if not topic.endswith("/config"):  # no will is an announcement
        eventually(device.is_connected, 10, "it is connected")
    device.loop_stop()
    if isinstance(sock := device.socket(), socket.socket):
        sock.close()  # without a DISCONNECT, so the broker publishes the will


@pytest.mark.parametrize("attack", [publishes, clears, dies])
def test_a_device_writes_nothing_under_another_name(
    shared: MqttService, attack: Callable[[MqttService, str, str], None]
) -> None:
    with shared.join(HOME_ASSISTANT) as home:
        for _, topic in FOREIGN:
            home.publish(topic, "genuine", retain=True)
        for user, topic in FOREIGN:
            attack(shared, user, topic)
        home.publish("mark", "")
        eventually(lambda: home.count("mark") == 1, 10, "the broker is that far")
        kept = {topic for _, topic in FOREIGN if not topic.startswith("$")}
        assert {topic: home.of(topic)[-1] for topic in kept} == dict.fromkeys(kept, "genuine")
    with shared.join("hems") as worker:
        worker.subscribe("$SYS/broker/uptime")
        worker.subscribe(REPORT)
        eventually(lambda: worker.count(REPORT) > 0, 10, "the report")
        assert "forged" not in worker.of(REPORT) + worker.of("$SYS/broker/uptime")


# A2: what a device says in an announcement.
OWN_TOPIC = "homeassistant/sensor/plug/power/config"
HONEST = '{"unique_id": "plug-power", "state_topic": "plug/power"}'
FORGED = [
    '{"command_topic": "car/set", "unique_id": "x"}',
    '{"command_topic": "hems/zigbee-joining/command/open", "unique_id": "x"}',
    '{"unique_id": "car-power"}',
    '{"device": {"identifiers": ["car"]}}',
    '{"default_entity_id": "sensor.car_power", "unique_id": "x", "state_topic": "plug/x"}',
    '{"default_entity_id": "sensor.gateway_problem", "unique_id": "x", "state_topic": "plug/x"}',
    '{"device": {"identifiers": "plug", "name": "Gateway"}, "name": "Problem", "unique_id": "x"}',
    '{"value_template": "{{ 9 ** (9 ** 9) }}"}',
    '{"state_topic": "plug/x", "name": "' + "x" * 200_000 + '"}',
]


def says(client: mqtt.Client, payload: str, qos: int, *, alias: bool = False) -> None:
    properties = None
    if alias:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.TopicAlias = 1
    client.publish(OWN_TOPIC, payload, qos, retain=True, properties=properties)


@pytest.mark.parametrize("protocol", [mqtt.MQTTv311, mqtt.MQTTv5], ids=["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_home_assistant_hears_only_announcements_that_are_the_devices_own(
    shared: MqttService, protocol: MQTTProtocolVersion, qos: int
) -> None:
    with shared.join("car") as car, shared.join(HOME_ASSISTANT) as home:
        theirs = '{"unique_id": "car-power", "device": {"identifiers": "car"}}'
        car.publish("homeassistant/sensor/car/power/config", theirs, retain=True)
        eventually(lambda: theirs in home.of("homeassistant/sensor/car/power/config"), 10, "car")
        home.messages.clear()
        plug = shared.client("plug", protocol=protocol)
        acknowledged: list[int] = []
        plug.on_publish = lambda *arguments: acknowledged.append(arguments[2])
        plug.connect("127.0.0.1", shared.device_port)
        plug.loop_start()
        for payload in FORGED[:-1]:
            says(plug, payload, qos)
        eventually(lambda: "plug" in shared.report()["refused_announcements"], 20, "reported")
        says(plug, HONEST, qos)
        plug.publish("plug/mark", str(qos), qos)
        eventually(lambda: home.newest("plug/mark") == str(qos), 10, "that far")
        eventually(lambda: len(acknowledged) == len(FORGED) + 1, 10, "all are acknowledged")
        says(plug, FORGED[-1], qos)  # too long: this ends the connection
        plug.disconnect()
        plug.loop_stop()
        assert set(home.of(OWN_TOPIC)) == {HONEST}  # the one of before is retained
        eventually(lambda: shared.report()["refused_announcements"] == {}, 20, "it is over")


def test_a_topic_alias_hides_no_announcement(shared: MqttService) -> None:
    hidden = '{"name": "hidden"}'
    with shared.join(HOME_ASSISTANT) as home:
        plug = shared.client("plug", protocol=mqtt.MQTTv5)
        ended: list[str] = []
        plug.on_disconnect = lambda *arguments: ended.append(str(arguments[3]))
        plug.connect("127.0.0.1", shared.device_port)
        plug.loop_start()
        eventually(plug.is_connected, 10, "it is connected")
        says(plug, hidden, 0, alias=True)
        eventually(lambda: ended == ["Topic alias invalid"], 10, "mosquitto ends the connection")
        plug.loop_stop()
        assert hidden not in home.of(OWN_TOPIC)
    with shared.raw("plug") as raw:
        assert raw.recv(4)[3] == 0
        raw.sendall(publish("", b"{}"))
        assert raw.recv(1) == b""


def test_a_will_is_no_way_round(shared: MqttService) -> None:
    """It comes before the login, so a stranger could have announcements read without end."""
    with shared.join(HOME_ASSISTANT) as home:
        for protocol in (mqtt.MQTTv311, mqtt.MQTTv5):
            for topic in (OWN_TOPIC, "plug/gone"):
                plug = shared.client("plug", protocol=protocol)
                plug.will_set(topic, HONEST, qos=1, retain=True)
                with suppress(ConnectionError):
                    plug.connect("127.0.0.1", shared.device_port)
                plug.loop_start()
                if topic != OWN_TOPIC:
                    eventually(plug.is_connected, 10, "it is connected")
                else:
                    time.sleep(0.5)
                    assert not plug.is_connected()
                plug.loop_stop()
                if isinstance(sock := plug.socket(), socket.socket):
                    sock.close()
        eventually(lambda: home.of("plug/gone").count(HONEST) == 2, 10, "both other wills")
        assert shared.report()["refused_announcements"] == {}


@pytest.mark.parametrize("level", [0x83, 0x84, 0x85, 6])
def test_no_other_version_hides_an_announcement(shared: MqttService, level: int) -> None:
    """The bit 0x80 marks a bridge: mosquitto reads the rest as another version than the number."""
    login = connect("plug", shared.passwords["plug"])
    strange = login.replace(b"MQTT\x04", b"MQTT" + bytes([level]))
    with (
        socket.create_connection(("127.0.0.1", shared.device_port), 5) as plug,
        suppress(ConnectionError),
    ):
        plug.sendall(strange + publish(OWN_TOPIC, b"\0" + FORGED[0].encode()))
        assert plug.recv(4) == b""
    with shared.join(HOME_ASSISTANT) as home:
        home.publish("mark", "1")
        eventually(lambda: home.count("mark") > 0, 10, "that far")
        assert not any("car/set" in text for text in home.of(OWN_TOPIC))


def test_what_was_announced_is_known_after_a_restart(service: MqttService) -> None:
    topic = "homeassistant/sensor/car/power/config"
    theirs = '{"unique_id": "car-power"}'
    with service.join("car") as car, service.join(HOME_ASSISTANT) as home:
        car.publish(topic, theirs, retain=True)
        eventually(lambda: home.of(topic) == [theirs], 10, "it is retained")
    assert service.stop() == 0
    service.start()
    with service.join("plug") as plug, service.join(HOME_ASSISTANT) as home:
        plug.publish(OWN_TOPIC, FORGED[1], retain=True)
        plug.publish("plug/mark", "1")
        eventually(lambda: home.count("plug/mark") == 1, 10, "that far")
        assert home.of(OWN_TOPIC) == []


def test_a_device_writes_under_its_own_name(shared: MqttService) -> None:
    with shared.join(HOME_ASSISTANT) as home:
        for user, topic in OWN:
            publishes(shared, user, topic)
            eventually(lambda name=topic: home.newest(name) == "forged", 10, topic)  # type: ignore[misc]


def test_a_device_reads_nothing_of_the_gateway_and_of_others(shared: MqttService) -> None:
    with shared.join("zigbee") as bridge, shared.join("plug") as plug:
        for reader in (bridge, plug):
            for topics in ("$SYS/#", "$gateway/#", "+/+", "hems/#", "homeassistant/#"):
                reader.subscribe(topics)
        with shared.join(HOME_ASSISTANT) as home:
            for topic in ("hems/gateway/state", "car/state", "homeassistant/status", "plug/mark"):
                home.publish(topic, "private")
            home.publish("zigbee2mqtt/mark", "")
        eventually(lambda: bridge.count("zigbee2mqtt/mark") > 0, 10, "that far")
        eventually(lambda: plug.count("plug/mark") > 0, 10, "that far")
        for reader in (bridge, plug):
            assert not any(topic[0] == "$" for topic, _ in reader.messages)
            assert not reader.count("hems/gateway/state")
            assert not reader.count("car/state")
        assert "private" in plug.of("homeassistant/status")


def test_sessions_end_and_filters_are_few(shared: MqttService) -> None:
    for _ in range(3):
        plug = shared.client("plug", "plug", clean_session=False)
        present: list[bool] = []
        plug.on_connect = lambda *said, seen=present: seen.append(said[2].session_present)
        plug.connect("127.0.0.1", shared.device_port)
        plug.loop_start()
        eventually(plug.is_connected, 10, "it is connected")
        assert present == [False]
        plug.subscribe([(f"plug/{number}", 1) for number in range(100)])
        plug.publish("plug/99", "1", 1).wait_for_publish(10)
        plug.disconnect()
        plug.loop_stop()
    with shared.raw("plug") as raw:
        assert raw.recv(4)[3] == 0
        raw.settimeout(10)
        with suppress(ConnectionError):
            for number in range(101):
                raw.sendall(b"\x82\x0b\0\1" + b"\0\6a/%04d" % number + b"\0")
            while raw.recv(1 << 12):
                pass


# A12: whose place a device takes.
@pytest.mark.parametrize("protocol", [mqtt.MQTTv311, mqtt.MQTTv5], ids=["3.1.1", "5"])
def test_a_device_takes_nobodys_place_with_its_client_id(
    shared: MqttService, protocol: MQTTProtocolVersion
) -> None:
    lost: list[str] = []
    victims = []
    for user, port, client_id in (
        ("hems", shared.port, "hems-eesmart-d2l"),
        (HOME_ASSISTANT, shared.port, "homeassistant"),
        ("car", shared.device_port, "car"),
    ):
        victim = shared.client(user, client_id)
        victim.on_disconnect = lambda *_, name=user: lost.append(name)
        victim.connect("127.0.0.1", port)
        victim.loop_start()
        eventually(victim.is_connected, 10, "it is connected")
        victims.append(victim)
    for client_id in ("hems-eesmart-d2l", "homeassistant", "car"):
        plug = shared.client("plug", client_id, protocol=protocol)
        plug.connect("127.0.0.1", shared.device_port)
        plug.loop_start()
        eventually(plug.is_connected, 10, "it is connected")
        plug.disconnect()
        plug.loop_stop()
    with shared.join("plug"):
        assert not lost
    for victim in victims:
        victim.disconnect()
        victim.loop_stop()


def test_a_login_has_one_connection(shared: MqttService) -> None:
    connections = [shared.raw("car", client_id=str(number)) for number in range(20)]
    ended = 0
    for connection in connections:
        connection.settimeout(2)
        with suppress(TimeoutError):
            assert connection.recv(4)[3] == 0
            ended += connection.recv(1) == b""
        connection.close()
    assert ended == len(connections) - 1


# A14: who guesses.
def test_guesses_are_counted_and_make_a_short_log(service: MqttService) -> None:
    guesses = 2_000
    for number in range(guesses):
        user = ("plug", "hems", HOME_ASSISTANT, "nobody")[number % 4]
        with service.raw("plug", f"guess {number}", user) as guess:
            assert guess.recv(4)[3:] in (b"\4", b"\5", b"")
    eventually(lambda: service.report()["refused_logins"] == {"others": guesses}, 10, "counted")
    assert len(service.log()) < 60_000
    with service.join("plug"):
        pass


@pytest.mark.parametrize("user", ["plug", "nobody"])
def test_an_address_guesses_a_few_times_and_is_then_refused(
    service: MqttService, user: str
) -> None:
    answers = [_guess(service, user, "192.0.2.9", number) for number in range(300)]
    assert answers.count(b"") >= 288
    refused = {"192.0.2.9": 300 - answers.count(b"")}
    eventually(lambda: service.report()["refused_logins"] == refused, 10, "they are counted")
    with service.raw("plug", None, proxy="192.0.2.9") as plug:
        assert plug.recv(4) == b""  # also with the right password, for a while
    with service.raw("plug", None, proxy="192.0.2.10") as plug:
        assert plug.recv(4)[3] == 0


def _guess(service: MqttService, user: str, address: str, number: int) -> bytes:
    with suppress(ConnectionError), service.raw(user, f"guess {number}", proxy=address) as guess:
        return guess.recv(4)
    return b""


@pytest.mark.parametrize(
    "said",
    [
        b"PROXY TCP4 192.0.2.9 192.0.2.1 1 2\r\nGET / HTTP/1.1\r\n",
        b"PROXY " + b"x" * 200,
        b"PROXY UNKNOWN\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x03\x00\x01ax",
        b"\x00" * 1000,
    ],
)
def test_what_is_no_login_is_ended_at_once(shared: MqttService, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shared.device_port), 5) as stranger:
        stranger.sendall(said)
        with suppress(ConnectionResetError):
            assert stranger.recv(1) == b""


def test_the_gateways_logins_do_not_count_at_the_devices_door(shared: MqttService) -> None:
    for user in ("hems", HOME_ASSISTANT):
        assert answer(shared.device_port, user, shared.passwords[user]) == "Not authorized"
        assert answer(shared.port, user, shared.passwords[user]) == "Success"
    assert answer(shared.port, "plug", shared.passwords["plug"]) == "Not authorized"
    assert answer(shared.device_port, None, None) == "Not authorized"


# A4: what a device keeps and sends.
def large(number: int) -> bytes:
    return publish(f"plug/{number}", bytes(250_000))


def small(number: int) -> bytes:
    return publish(f"plug/{number}", b"x")


def deep(number: int) -> bytes:
    return publish(f"plug/{number}/" + "/".join("abcdefghijklmnopqrstuvwxyz" * 4), b"x")


def announced(number: int) -> bytes:
    return publish(f"homeassistant/sensor/plug/{number}/config", bytes(10_000))


def transient(number: int) -> bytes:
    return publish("plug/x", bytes(250_000), is_retained=False)


FLOODS = [(large, 300), (small, 100_000), (deep, 60_000), (announced, 8_000), (transient, 600)]


def flood(service: MqttService, packets: Callable[[int], bytes], count: int) -> None:
    """Send them all, with a new connection whenever the broker ends one."""
    number = 0
    for _ in range(20):
        with suppress(OSError), service.raw("plug") as plug:
            plug.settimeout(10)
            if plug.recv(4)[3:] != b"\0":
                time.sleep(0.2)
                continue
            while number < count:
                plug.sendall(packets(number))
                number += 1


READING = "hems/gateway/state"


def arrived(home: Observer, before: int) -> bool:
    return home.count(READING) > before


@pytest.mark.parametrize(("packets", "count"), FLOODS)
def test_a_device_that_floods_the_broker_harms_only_itself(
    service: MqttService, packets: Callable[[int], bytes], count: int
) -> None:
    with service.join(HOME_ASSISTANT) as home, service.join("hems") as worker:
        for _ in range(2):
            flood(service, packets, count)
            before = home.count(READING)
            worker.publish(READING, "1")
            eventually(partial(arrived, home, before), 10, "the reading arrives")
        assert SHUT_OUT in service.log()
        assert service.report()["shut_out"] == ["plug"]
        assert answer(service.device_port, "plug", service.passwords["plug"]) == "Not authorized"
        with service.join("car") as car:
            car.publish("car/x", "1")
            eventually(lambda: home.count("car/x") == 1, 10, "another device is heard")
        assert service.memory() < LIMIT
        worker.subscribe("$SYS/broker/heap/current")
        eventually(lambda: worker.count("$SYS/broker/heap/current") > 0, 15, "the heap")
        eventually(lambda: _heap(worker) < MEMORY_LIMIT * 0.75, 45, "the memory is free again")
    assert service.stop() == 0
    assert service.data.joinpath("mosquitto.db").stat().st_size < 4_000_000
    service.start()  # with its store, which is small
    assert service.report()["store_damaged_at"] is None


def _heap(worker: Any) -> int:
    return int(worker.newest("$SYS/broker/heap/current"))


def test_a_device_that_does_not_read_what_it_sends_itself_harms_only_itself(
    service: MqttService,
) -> None:
    with service.raw("plug") as reader:
        reader.sendall(b"\x82\x0b\x00\x01\x00\x06plug/#\x00")
        time.sleep(0.5)
        with suppress(OSError):
            for number in range(400):
                reader.sendall(publish("plug/x", bytes(250_000), is_retained=number % 2 == 0))
        eventually(lambda: SHUT_OUT in service.log(), 20, "it is shut out")
        assert service.memory() < LIMIT
        with service.join(HOME_ASSISTANT) as home, service.join("hems") as worker:
            worker.publish("hems/gateway/state", "1")
            eventually(lambda: home.count("hems/gateway/state") > 0, 10, "the reading arrives")


def test_announcements_that_take_long_to_check_stop_nobody_else(service: MqttService) -> None:
    number = 1_300
    bases = b",".join(b'"~":"p%d"' % n for n in range(number))
    topics = b",".join(b'"t":"~"' for _ in range(number))
    slow = publish(OWN_TOPIC, b"{" + bases + b"," + topics + b"}")
    deep = publish(OWN_TOPIC, b'{"a":' + b"[" * 450 + b"0," * 5_000 + b"0" + b"]" * 450 + b"}")
    lists = ["{{ [" + f"{n}," * 100 + "] }}" for n in range(45)]  # harmless, except the last
    dense = publish(OWN_TOPIC, json.dumps({"a": [*lists, "{{ states }}"]}).encode())
    with service.raw("plug") as plug, service.join(HOME_ASSISTANT) as home:
        assert plug.recv(4)[3] == 0
        for said in (slow, deep, dense, slow, deep, dense):
            plug.sendall(said)
        with service.join("car") as car:
            car.publish("car/x", "1")
            eventually(lambda: home.count("car/x") == 1, 10, "another device is heard")
        plug.sendall(publish("plug/x", b"1"))
        eventually(lambda: home.count("plug/x") == 1, 20, "and the device itself")
        assert not home.of(OWN_TOPIC)


ENTITY = b'{"state_topic": "plug/a", "json_attributes_topic": "plug/a"}'
ENTITIES = [publish(f"homeassistant/sensor/plug/{one}/config", ENTITY) for one in range(100)]
COPIED = publish("plug/a", bytes(500_000))


@pytest.mark.parametrize(
    "said", [[*ENTITIES, COPIED], [COPIED, *ENTITIES]], ids=["heard", "retained before"]
)
def test_no_message_has_more_copies_than_home_assistant_has_memory_for(
    service: MqttService, said: list[bytes]
) -> None:
    """Each entity keeps its own: one retained message would end Home Assistant at each start."""
    with service.join(HOME_ASSISTANT) as home, service.raw("plug") as plug:
        assert plug.recv(4)[3] == 0
        for packet in said:
            with suppress(ConnectionError):
                plug.sendall(packet)
                time.sleep(0.005)
        eventually(lambda: "plug" in service.report()["refused_announcements"], 30, "reported")
        assert "keep too much" in service.report()["refused_announcements"]["plug"]
        home.publish("large/last", "1")  # comes after all that the broker has taken before
        eventually(lambda: home.count("large/last") == 1, 10, "everything has arrived")
        entities = sum(topic.endswith("/config") for topic, _ in home.messages)
        assert (home.count("plug/a"), entities) in ((0, 100), (1, 4))


def test_properties_fill_no_memory(service: MqttService) -> None:
    plug = service.client("plug", protocol=mqtt.MQTTv5)
    ended: list[object] = []
    plug.on_disconnect = lambda *arguments: ended.append(arguments[3])
    plug.connect("127.0.0.1", service.device_port)
    plug.loop_start()
    eventually(plug.is_connected, 10, "it is connected")
    with service.join(HOME_ASSISTANT) as home:
        for size in (900, 60_000):
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.UserProperty = ("a", "v" * size)
            plug.publish("plug/x", str(size), 0, retain=True, properties=properties)
            if size == 900:
                eventually(lambda: home.of("plug/x") == ["900"], 10, "it arrives")
        eventually(lambda: bool(ended), 10, "it is ended")
        plug.loop_stop()
        assert home.of("plug/x") == ["900"]


def test_while_memory_is_short_who_does_not_read_is_cut_off(service: MqttService) -> None:
    """Below the limit of a minute, a device could let the broker's memory fill with its queue."""
    with service.raw("plug") as slow, service.join("car") as car:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"\x82\x0b\x00\x01\x00\x06plug/#\x00")
        for number in range(12):
            slow.sendall(publish(f"plug/{number}", bytes(250_000), is_retained=False))
        with service.join(HOME_ASSISTANT) as home:
            for number in range(80):
                home.publish(f"large/{number}", "x" * 450_000, retain=True)
        eventually(lambda: "Client plug disconnected" in service.log(), 25, "cut off")
        car.publish("car/x", "still here")
        eventually(lambda: car.count("car/x") == 1, 10, "the other is not")


def test_a_packet_that_is_too_large_ends_its_connection_only(shared: MqttService) -> None:
    with shared.raw("car") as car:
        assert car.recv(4)[3] == 0
        car.settimeout(10)
        with suppress(OSError):
            car.sendall(publish("car/x", bytes(600_000)))
            assert car.recv(1) == b""
    with shared.join("car"):
        pass


def retained(service: MqttService) -> int:
    with service.join(HOME_ASSISTANT) as later:
        time.sleep(2)
        return len(later.messages)


def test_patient_floods_leave_a_device_its_share(service: MqttService) -> None:
    """A device that stays below the limit of a minute still keeps no more than its share."""
    sent = 4_900
    with service.raw("plug") as plug:
        assert plug.recv(4)[3] == 0
        for number in range(sent):
            plug.sendall(publish(f"plug/{number}", b"x"))
        with service.join(HOME_ASSISTANT) as home:

            def kept() -> int:
                return len({t for t, text in home.messages if t.startswith("plug/") and text})

            eventually(lambda: kept() >= 2_500, 20, "they arrive")
    eventually(lambda: service.report()["trimmed"] == ["plug"], 20, "its report names the device")
    eventually(lambda: 2_000 < retained(service) < 3_400, 30, "what is too much is removed")
    assert SHUT_OUT not in service.log()


# A5: a store that mosquitto cannot open.
def stored(service: MqttService, size: int = 100) -> bytes:
    with service.join(HOME_ASSISTANT) as home:
        for number in range(50):
            home.publish(f"hems/{number}", "x" * size, retain=True)
    assert service.stop() == 0
    return (service.data / "mosquitto.db").read_bytes()


def cut(store: bytes) -> Iterator[bytes]:
    yield from (store[: len(store) * part // 7] for part in range(7))
    yield store[:-1]


def spoilt(store: bytes) -> Iterator[bytes]:
    for at in (0, 10, 16, 40, 200, len(store) // 2, len(store) - 70):
        yield store[:at] + b"\xff" * 64 + store[at + 64 :]


def strange(store: bytes) -> Iterator[bytes]:
    yield bytes(len(store))
    yield b"\xff" * len(store)
    yield store[:15] + b"\x00\x00\x00\x09" + store[19:]  # of a later version
    yield store + store
    yield b"SQLite format 3\0" * 1000


@pytest.mark.parametrize("damages", [cut, spoilt, strange])
def test_a_store_that_mosquitto_cannot_open_does_not_keep_it_from_running(
    service: MqttService, damages: Callable[[bytes], Iterator[bytes]]
) -> None:
    whole = stored(service)
    path, copy = service.data / "mosquitto.db", service.data / "mosquitto.db.damaged"
    put_aside = 0
    for damaged in damages(whole):
        copy.unlink(missing_ok=True)
        path.write_bytes(damaged)
        service.start()
        report = service.report()
        if copy.exists():
            put_aside += 1
            assert copy.read_bytes() == damaged
        assert (report["store_damaged_at"] is not None) is copy.exists()
        with service.join("hems") as worker:
            worker.publish("hems/gateway/state", "1", retain=True)
        service.stop()
        assert sorted(one.name for one in service.data.iterdir() if one != copy) == [path.name]
    assert put_aside >= 2
    path.write_bytes(whole)
    service.start()
    with service.join(HOME_ASSISTANT) as home:
        eventually(lambda: home.count("hems/49") == 1, 10, "the last one is there")


def test_a_store_that_needs_more_memory_than_there_is_does_not_keep_it_from_running(
    service: MqttService,
) -> None:
    whole = stored(service, 20_000)
    conf = service.run.parent / "mosquitto.conf"
    text = conf.read_text()
    conf.write_text(text.replace(f"memory_limit {MEMORY_LIMIT}", "memory_limit 500000"))
    for _ in range(2):
        (service.data / "mosquitto.db").write_bytes(whole)
        service.start()
        service.stop()
    conf.write_text(text)
    assert (service.data / "mosquitto.db.damaged").exists()
    assert len(list(service.data.glob("*.damaged*"))) == 1
    service.start()
    assert service.report()["store_damaged_at"]


def test_a_store_after_which_mosquitto_admits_nobody_is_put_aside(service: MqttService) -> None:
    """With a little more memory than its store needs, it listens, and resets each connection."""
    whole = stored(service, 20_000)
    conf, path = service.run.parent / "mosquitto.conf", service.data / "mosquitto.db"
    text = conf.read_text()
    for limit in range(1_030_000, 1_100_000, 5_000):
        conf.write_text(text.replace(f"memory_limit {MEMORY_LIMIT}", f"memory_limit {limit}"))
        path.write_bytes(whole)
        if _admits(conf, service.run / "control.sock") is False:
            break
    path.write_bytes(whole)
    service.start(100)
    service.stop()
    assert (service.data / "mosquitto.db.damaged").read_bytes() == whole


def _admits(conf: Path, control: Path) -> bool | None:
    """Return whether mosquitto answers a login, None if it does not listen."""
    control.unlink(missing_ok=True)
    mosquitto = subprocess.Popen([program(), "-c", conf], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with (
                suppress(FileNotFoundError, ConnectionRefusedError),
                socket.socket(socket.AF_UNIX) as client,
            ):
                client.connect(str(control))
                return _is_answered(client)
            if mosquitto.poll() is not None:
                return None
            time.sleep(0.1)
        return None
    finally:
        mosquitto.kill()
        mosquitto.wait()


def _is_answered(client: socket.socket) -> bool:
    with suppress(ConnectionError):
        client.sendall(connect("", ""))
        return client.recv(4) != b""
    return False


def test_a_power_cut_while_it_starts_without_its_store_loses_nothing(service: MqttService) -> None:
    whole = stored(service)
    path = service.data / "mosquitto.db"
    path.rename(service.data / "mosquitto.db.suspect")
    service.start()
    with service.join(HOME_ASSISTANT) as home:
        eventually(lambda: home.count("hems/49") == 1, 10, "the last one is there")
    service.signal(signal.SIGKILL)
    assert path.read_bytes() == whole
