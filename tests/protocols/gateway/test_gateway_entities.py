import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from hems.protocols.gateway.gateway_entities import RebootState, device, entities
from hems.protocols.gateway.watchdog_report import Internet
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import Platform
from hems.supervision.units.unit_phase import HealthState

CONFIGURATION = Path(__file__).parents[3] / "services/homeassistant/config/configuration.yaml"
UUID = "deadbeef00112233445566778899aabb"
UNITS = ["eesmart-d2l", "led"]
# Home Assistant 2025.3: which units a device class takes, sensor/const.py
UNITS_OF = {"duration": {"h", "min"}, "temperature": {"°C"}, "data_size": {"GB"}}


def components() -> dict[str, dict[str, Any]]:
    sent = mqtt_discovery.config(device(UUID, "1.2.3"), entities(UNITS), "s", ("a",), "1.2.3")
    return json.loads(json.dumps(sent))["components"]  # type: ignore[no-any-return]


def test_a_gateway_keeps_its_identity_and_no_two_share_it() -> None:
    assert device(UUID, "1").node == device(UUID, "2").node
    assert device(UUID, "1").node != device(UUID.replace("d", "e"), "1").node


def test_the_identity_itself_is_nowhere() -> None:
    sent = mqtt_discovery.config(device(UUID, "1"), entities(UNITS), "s", ("a",), "1")
    assert UUID[:7] not in json.dumps(sent)


def test_entity_ids_are_the_same_on_every_gateway_and_unique_ids_are_not() -> None:
    component = components()["unit_eesmart_d2l_restarts"]
    assert component["default_entity_id"] == "sensor.gateway_unit_eesmart_d2l_restarts"
    assert component["unique_id"] == f"{device(UUID, '1').node}_unit_eesmart_d2l_restarts"


def test_all_are_diagnostic() -> None:
    assert {one.get("entity_category") for one in components().values()} == {"diagnostic"}


@pytest.mark.parametrize(
    ("key", "options"),
    [("internet", Internet), ("reboots", RebootState), ("unit_led", HealthState)],
)
def test_an_enumeration_lists_every_value(key: str, options: Any) -> None:
    component = components()[key]
    assert component["device_class"] == "enum"
    assert component["options"] == [one.value for one in options]


def test_home_assistants_rules_for_classes_are_kept() -> None:
    for one in entities(UNITS):
        if one.device_class in UNITS_OF:
            assert one.unit in UNITS_OF[one.device_class], one
        if one.options or one.device_class in {"timestamp", "enum"}:
            assert not one.unit, one
            assert not one.state_class, one
        if one.platform is Platform.BINARY_SENSOR:
            assert one.device_class == "problem", one


def test_restarts_begin_again_with_the_container() -> None:
    assert components()["unit_led_restarts"]["state_class"] == "total_increasing"


def test_no_entity_is_noise_to_home_assistant_as_we_set_it_up() -> None:
    """What is excluded there is neither in the history nor in InfluxDB."""
    globs = re.findall(r"^ +- (\w*sensor\.\S+)$", CONFIGURATION.read_text(), re.MULTILINE)
    assert "sensor.*_uptime" in globs
    ids = [one["default_entity_id"] for one in components().values()]
    assert not [one for one in ids if any(fnmatch(one, glob) for glob in globs)]
