"""What is wrong, which part it is in, and what counts instead."""

from pathlib import Path

import pytest

from hems.settings import Settings
from hems.settings.load import read
from hems.settings.logs import LogsSettings
from hems.settings.mqtt import MqttSettings
from hems.settings.validation_problems import FILE, UNKNOWN
from hems.settings.watchdog import DEFAULT_SERVICES


@pytest.mark.parametrize(
    ("text", "variables", "part"),
    [
        ("", {"HEMS_MQTT_PROT": "1"}, UNKNOWN),
        ("", {"HEMS_FOO_BAR": "1"}, UNKNOWN),
        ("[mqt]\nport = 1", {}, UNKNOWN),
        ("", {"HEMS_MQTT_PORT": "x"}, "mqtt"),
        ("[mqtt]\nprot = 1", {}, "mqtt"),
        ("mqtt = 1", {}, "mqtt"),
        ("", {"HEMS_MQTT_HOST": ""}, "mqtt"),
        ("", {"HEMS_SERVICES_MQTT_PATIENCE": "0"}, "services"),
        ("", {"HEMS_SERVICES_MQTT_PROBE": "x"}, "services"),
        ("[services.x]\npatience = 1", {}, "services"),
        ("", {"HEMS_LOGS_LEVEL": "loud"}, "logs"),
        ("[mqtt", {}, FILE),
    ],
)
def test_a_mistake_belongs_to_a_part_and_its_default_counts(
    toml: Path, text: str, variables: dict[str, str], part: str
) -> None:
    toml.write_text(text)
    settings = read(toml, variables)
    (problem,) = settings.problems
    assert problem.part == part
    assert settings == Settings(problems=settings.problems)


def test_a_value_of_the_wrong_type_leaves_the_rest_of_its_section(toml: Path) -> None:
    settings = read(toml, {"HEMS_LOGS_LEVEL": "x", "HEMS_LOGS_DIRECTORY": "/var/tmp/log"})
    assert settings.logs == LogsSettings(directory="/var/tmp/log")


def test_a_mistake_leaves_the_other_sections_and_services(toml: Path) -> None:
    toml.write_text("[services.mqtt]\npatience = 0\n[services.mine]\nprobe = 'tcp://h:1'")
    settings = read(toml, {"HEMS_MQTT_PORT": "2", "HEMS_LED_PINS": "x"})
    assert settings.mqtt == MqttSettings(port=2)
    assert settings.services.keys() == {*DEFAULT_SERVICES, "mine"}


def test_no_secret_is_in_a_warning(toml: Path) -> None:
    environ = {"HEMS_MQTT_PASSWORD": "hunter2", "CONFIG_PASSWORD": "hunt2"}
    problems = read(toml, environ).problems
    assert len(problems) == 2
    assert not any("hunt" in one.text for one in problems)
