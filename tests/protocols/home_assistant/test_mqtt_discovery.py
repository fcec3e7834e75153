import json
from dataclasses import replace
from typing import Any

from hems.protocols.home_assistant.mqtt_discovery import (
    DiscoveryDevice,
    Entity,
    Platform,
    RemovedEntity,
    config,
    config_topic,
)

DEVICE = DiscoveryDevice("d2l_011601000001", "Linky", "Enedis", "Linky through D2L", "Dec 20 2016")
POWER = Entity("sinsts", "Apparent power", device_class="apparent_power", unit="VA")


def message(*entities: Entity | RemovedEntity) -> dict[str, Any]:
    topics = ("hems/worker/availability", "hems/meter/availability")
    sent = config(DEVICE, entities, "hems/meter/state", topics, "1.2.3")
    return json.loads(json.dumps(sent))  # type: ignore[no-any-return]


def component(entity: Entity) -> dict[str, Any]:
    return message(entity)["components"][entity.key]  # type: ignore[no-any-return]


def test_the_topic_is_the_devices() -> None:
    assert config_topic("homeassistant", DEVICE) == "homeassistant/device/d2l_011601000001/config"


def test_the_message_describes_device_origin_and_what_its_entities_share() -> None:
    assert message() == {
        "device": {
            "identifiers": ["d2l_011601000001"],
            "name": "Linky",
            "manufacturer": "Enedis",
            "model": "Linky through D2L",
            "sw_version": "Dec 20 2016",
        },
        "origin": {"name": "hems", "sw_version": "1.2.3"},
        "state_topic": "hems/meter/state",
        "availability": [
            {"topic": "hems/worker/availability"},
            {"topic": "hems/meter/availability"},
        ],
        "availability_mode": "all",
        "components": {},
    }


def test_a_component_says_what_it_is_and_where_its_value_is() -> None:
    assert component(POWER) == {
        "platform": "sensor",
        "name": "Apparent power",
        "unique_id": "d2l_011601000001_sinsts",
        "default_entity_id": "sensor.d2l_011601000001_sinsts",
        "value_template": "{{ value_json.get('sinsts') }}",
        "qos": 1,
        "device_class": "apparent_power",
        "unit_of_measurement": "VA",
    }


def test_an_entity_id_has_no_hyphen() -> None:
    announced = component(Entity("smaxsn-1", "Highest power yesterday"))
    assert announced["default_entity_id"] == "sensor.d2l_011601000001_smaxsn_1"
    assert announced["value_template"] == "{{ value_json.get('smaxsn-1') }}"


def test_entity_ids_may_begin_with_something_else_but_unique_ids_with_the_node() -> None:
    sent = config(replace(DEVICE, entity_prefix="meter"), [POWER], "s", ["a"], "1.2.3")
    announced = json.loads(json.dumps(sent))["components"]["sinsts"]
    assert announced["default_entity_id"] == "sensor.meter_sinsts"
    assert announced["unique_id"] == "d2l_011601000001_sinsts"


def test_a_binary_sensor_takes_true_and_false_as_templates_render_them() -> None:
    announced = component(Entity("cover", "Cover", Platform.BINARY_SENSOR, "opening"))
    assert (announced["platform"], announced["device_class"]) == ("binary_sensor", "opening")
    assert (announced["payload_on"], announced["payload_off"]) == (str(True), str(False))


def test_attributes_come_from_the_same_state() -> None:
    announced = component(Entity("smaxsn", "Highest power today", attributes=("smaxsn_at", "x")))
    assert announced["json_attributes_topic"] == "hems/meter/state"
    assert announced["json_attributes_template"] == (
        "{{ {'smaxsn_at': value_json.get('smaxsn_at'), 'x': value_json.get('x')} | to_json }}"
    )


def test_what_an_entity_does_not_have_is_not_sent() -> None:
    sparse, full = component(Entity("a", "A")), component(
        Entity(
            "a",
            "A",
            device_class="enum",
            options=("x", "y"),
            precision=0,
            is_diagnostic=True,
            is_enabled=False,
        )
    )  # fmt: skip
    assert {key: full[key] for key in full.keys() - sparse.keys()} == {
        "device_class": "enum",
        "options": ["x", "y"],
        "suggested_display_precision": 0,
        "entity_category": "diagnostic",
        "enabled_by_default": False,
    }


def test_an_entity_is_removed_by_its_platform_alone() -> None:
    removed = RemovedEntity("hchc", "sensor"), RemovedEntity("relay", "binary_sensor")
    components = message(*removed, POWER)["components"]
    assert components["hchc"] == {"platform": "sensor"}
    assert components["relay"] == {"platform": "binary_sensor"}
    assert components["sinsts"]["name"] == "Apparent power"


def test_an_entity_can_show_the_value_of_another_key() -> None:
    announced = component(Entity("east", "Energy total", value_key="energy_total"))
    assert announced["unique_id"] == "d2l_011601000001_east"
    assert announced["value_template"] == "{{ value_json.get('energy_total') }}"


def test_a_button_has_a_command_and_no_state() -> None:
    device = replace(DEVICE, command_base="base")
    button = Entity("blink", "Blink the LEDs", Platform.BUTTON, icon="mdi:led-on")
    sent = config(device, [button], "base/state", (), "1")["components"]
    assert sent == {
        "blink": {
            "platform": "button",
            "name": "Blink the LEDs",
            "unique_id": "d2l_011601000001_blink",
            "default_entity_id": "button.d2l_011601000001_blink",
            "qos": 1,
            "command_topic": "base/command/blink",
            "icon": "mdi:led-on",
        }
    }


def test_a_text_has_a_command_and_a_state() -> None:
    device = replace(DEVICE, command_base="base")
    entity = Entity("name", "Name", Platform.TEXT, longest=60)
    text = component(entity)
    assert text["value_template"] == "{{ value_json.get('name') or '' }}"
    assert (text["min"], text["max"]) == (0, 60)
    for one, topic in ((entity, "base/command/name"), (replace(entity, command_topic="t"), "t")):
        sent: Any = config(device, [one], "s", (), "1")["components"]
        assert sent["name"]["command_topic"] == topic


def test_names_are_in_the_familys_language_and_ids_are_not() -> None:
    restart = Entity("restart", "Restart {subject}", Platform.BUTTON, subject="InfluxDB")
    devices: list[Any] = [
        config(replace(DEVICE, language=language), [restart], "s", (), "1")["components"]
        for language in ("en", "fr-CA")
    ]
    english, french = (components["restart"] for components in devices)
    assert (english["name"], french["name"]) == ("Restart InfluxDB", "Redémarrer InfluxDB")
    assert {**english, "name": ""} == {**french, "name": ""}
