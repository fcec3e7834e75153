from device_rights import covers
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.gateway import gateway_entities, joining_entities
from hems.protocols.mqtt.mosquitto_access_files import AccessGrant, AccessRight
from hems.protocols.mqtt.user_commands import command_topic
from hems.settings.mqtt import MqttSettings
from hems.settings.mqtt_users import MqttUser
from hems.workers.provision.broker_rights import BrokerRights

GATEWAY = ("gateway_0a1b2c", "d2l_021861000123")
STATUS = "read homeassistant/status"
RESERVED = "deny homeassistant/+/gateway_0a1b2c/#"
METER = "deny homeassistant/+/d2l_021861000123/#"


def rights(*users: MqttUser, mqtt: MqttSettings | None = None) -> dict[str, list[str]]:
    of_devices = BrokerRights(mqtt or MqttSettings(), users, GATEWAY).of_devices()
    return {one.user: [f"{right} {topics}" for right, topics in one.topics] for one in of_devices}


def test_home_assistant_and_the_workers_may_do_what_they_need_and_no_more() -> None:
    mqtt = MqttSettings(base_topic="home/7", discovery_prefix="ha")
    assert BrokerRights(mqtt, (), ()).of_gateway("w") == [
        AccessGrant("homeassistant", ((AccessRight.READWRITE, "#"),)),
        AccessGrant(
            "w",
            (
                (AccessRight.READ, "home/7/#"),
                (AccessRight.WRITE, "home/7/+/state"),
                (AccessRight.WRITE, "home/7/+/availability"),
                (AccessRight.WRITE, "home/7/d2l/+/state"),
                (AccessRight.WRITE, "home/7/d2l/+/availability"),
                (AccessRight.WRITE, "ha/#"),
                (AccessRight.READ, "ha/status"),
                (AccessRight.READ, "$SYS/broker/#"),
                (AccessRight.READ, "$gateway/broker"),
            ),
        ),
    ]


def test_no_worker_gives_a_command_as_people_do() -> None:
    mqtt = MqttSettings()
    written = [
        topics
        for one in BrokerRights(mqtt, (), ()).of_gateway("w")
        for right, topics in one.topics
        if one.user == "w" and right is not AccessRight.READ
    ]
    base = mqtt.base_topic
    for command in (
        *(command_topic(base, name) for name in gateway_entities.COMMANDS),
        *(joining_entities.command(base, name) for name in ("open", "name")),
    ):
        assert not any(covers(topics, command) for topics in written), command


def test_a_device_publishes_and_announces_under_its_own_name() -> None:
    assert rights(MqttUser("plug", "x"), MqttUser("car", "y", ("car/#", "grid/+"))) == {
        "plug": [RESERVED, "readwrite plug/#", "write homeassistant/+/plug/#", STATUS],
        "car": [
            *(RESERVED, "readwrite car/#", "readwrite grid/+"),
            *("write homeassistant/+/car/#", STATUS),
        ],
    }


def test_a_list_never_grants_the_names_of_others() -> None:
    by_login = rights(
        MqttUser("plug", "x"), MqttUser("car", "y", ("#", "plug/x", "hems/d2l/+/state"))
    )
    assert by_login["car"] == [
        *("deny hems/#", "deny plug/#", "deny homeassistant/+/plug/#"),
        *(RESERVED, METER),
        *("deny homeassistant/status", "deny plug/x", "deny hems/d2l/+/state"),
        *("readwrite #", "readwrite plug/x", "readwrite hems/d2l/+/state"),
        "write homeassistant/+/car/#",
        STATUS,
    ]


def test_a_list_with_announcements_grants_those_that_are_nobodys() -> None:
    bridge = MqttUser("zigbee", "x", ("homeassistant/#", "homeassistant/+/0x15/#", "homeassistant"))
    assert rights(MqttUser("plug", "x"), bridge)["zigbee"] == [
        "deny homeassistant/+/plug/#",
        "deny homeassistant/+/gateway_0a1b2c/#",
        "deny homeassistant/+/d2l_021861000123/#",
        "readwrite homeassistant/+/+/#",
        "readwrite homeassistant/+/0x15/#",
        "write homeassistant/+/zigbee/#",
        STATUS,
    ]


def test_a_name_that_is_the_gateways_by_a_setting_grants_nothing_of_it() -> None:
    mqtt = MqttSettings(base_topic="home/7", discovery_prefix="ha")
    assert rights(MqttUser("home", "x"), MqttUser("ha", "y"), mqtt=mqtt) == {
        "home": [
            *("deny home/7/#", "deny ha/+/gateway_0a1b2c/#"),
            *("readwrite home/#", "write ha/+/home/#", "read ha/status"),
        ],
        "ha": [
            *("deny ha/+/home/#", "deny ha/+/gateway_0a1b2c/#", "deny ha/+/d2l_021861000123/#"),
            *("readwrite ha/+/+/#", "write ha/+/ha/#", "read ha/status"),
        ],
    }


LEVEL = st.sampled_from(["plug", "hems", "homeassistant", "device", "gateway_0a1b2c", "x", "+"])
FILTER = st.tuples(st.lists(LEVEL, max_size=4), st.sampled_from(["#", "config", "status", "+"]))
TOPIC = st.lists(LEVEL.filter(lambda level: level != "+"), min_size=1, max_size=5)


def matches(topics: str, topic: list[str]) -> bool:
    for index, level in enumerate(levels := topics.split("/")):
        if level == "#":
            return True
        if index >= len(topic) or level not in ("+", topic[index]):
            return False
    return len(levels) == len(topic)


@given(FILTER, TOPIC)
def test_no_list_lets_a_device_write_what_belongs_to_another(
    listed: tuple[list[str], str], topic: list[str]
) -> None:
    text = "/".join([*listed[0], listed[1]])
    users = MqttUser("plug", "x"), MqttUser("car", "y", (text,))
    car = BrokerRights(MqttSettings(), users, GATEWAY).of_devices()[1].topics
    is_denied = any(matches(one, topic) for right, one in car if right is AccessRight.DENY)
    is_granted = any(matches(one, topic) for right, one in car if "write" in right)
    is_announcement = topic[0] == "homeassistant"
    is_foreign = topic[0] in ("plug", "hems") or (
        is_announcement
        and (topic[2:3] in (["plug"], ["gateway_0a1b2c"]) or topic[1:] == ["status"])
    )
    assert is_denied or not is_granted or not is_foreign
    if matches(text, topic) and not is_foreign and (not is_announcement or len(topic) > 2):
        assert (is_granted, is_denied) == (True, False)
