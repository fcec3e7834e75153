from pathlib import Path

import pytest

from hems.settings.mqtt_bridge import CentralBroker, MqttBridgeSettings
from hems.settings.validation_problems import SettingsProblem
from hems.workers.provision.mqtt_bridge import configuration
from tests.fakes.provision import Home

WITH_BRIDGE = {"MQTT_BRIDGE": "mqtts://home-1:hunter2@broker.example"}
CENTRAL = CentralBroker("broker.example", 8883, has_tls=True, user="home-1", password="a # b")


@pytest.fixture
def path(home: Home) -> Path:
    return home.gateway / "bridge.conf"


def mqtt_restarts(home: Home) -> int:
    assert home.supervisor is not None
    return sum("mqtt" in request for request in home.supervisor.requests)


def test_readings_go_below_the_gateways_name() -> None:
    lines = configuration(MqttBridgeSettings(), CENTRAL, "1a2b3c4").splitlines()
    assert lines[:5] == [
        "connection central",
        "address broker.example:8883",
        "remote_clientid hems-1a2b3c4",
        "remote_username home-1",
        "remote_password a # b",
    ]
    assert [line for line in lines if line.startswith("topic")] == [
        'topic hems/# out 1 "" 1a2b3c4/',
    ]


def test_the_settings_choose_the_topics_and_the_prefix() -> None:
    chosen = MqttBridgeSettings(topics=("hems/#", "plug/#"), prefix="sites/7")
    text = configuration(chosen, CENTRAL, "1a2b3c4")
    assert 'topic hems/# out 1 "" sites/7/\ntopic plug/# out 1 "" sites/7/\n' in text


@pytest.mark.parametrize("has_tls", [True, False])
def test_the_central_brokers_certificate_is_checked_where_there_is_tls(*, has_tls: bool) -> None:
    central = CentralBroker("h", 1883, has_tls, "u", "p")
    assert (
        "bridge_cafile /etc/ssl" in configuration(MqttBridgeSettings(), central, "m")
    ) == has_tls


def test_without_the_variable_there_is_no_file(home: Home, path: Path) -> None:
    home.run()
    assert not path.exists()


def test_the_file_is_the_brokers_own_and_the_broker_is_restarted(home: Home, path: Path) -> None:
    home.run()
    before = mqtt_restarts(home)
    home.environ = WITH_BRIDGE
    home.run()
    assert path.stat().st_mode & 0o7777 == 0o600
    assert "remote_password hunter2\n" in path.read_text()
    assert 'topic hems/# out 1 "" hems/\n' in path.read_text()
    assert mqtt_restarts(home) == before + 1


def test_it_goes_away_with_the_variable_and_the_broker_is_restarted(home: Home, path: Path) -> None:
    home.environ = WITH_BRIDGE
    home.run()
    before = mqtt_restarts(home)
    home.environ = {}
    home.run()
    assert not path.exists()
    assert mqtt_restarts(home) == before + 1


def test_a_broker_whose_bridge_is_not_right_yet_is_not_restarted(home: Home, path: Path) -> None:
    home.environ = WITH_BRIDGE
    home.gateway.mkdir()
    path.mkdir()
    home.run()
    assert mqtt_restarts(home) == 0
    assert any("bridge: " in line for line in home.notifier.sent)


def test_nothing_that_is_told_has_the_password(home: Home) -> None:
    home.environ = WITH_BRIDGE
    home.run()
    assert "hunter2" not in " ".join([*home.notifier.sent, *home.lines])


@pytest.mark.parametrize("wrong", ["mqtts://h", "mqtt://u:p@a..b", "\udcff"])
def test_a_mistake_leaves_the_previous_bridge_in_force(home: Home, path: Path, wrong: str) -> None:
    home.environ = WITH_BRIDGE
    home.run()
    before, restarts = path.read_bytes(), mqtt_restarts(home)
    home.environ, home.has_mistakes = {"MQTT_BRIDGE": wrong}, True
    home.run()
    assert path.read_bytes() == before
    assert mqtt_restarts(home) == restarts
    home.environ, home.has_mistakes = {}, False
    home.run()
    assert not path.exists()


def test_a_mistake_without_a_previous_bridge_makes_none(home: Home, path: Path) -> None:
    home.environ, home.has_mistakes = {"MQTT_BRIDGE": "mqtts://h"}, True
    home.run()
    assert not path.exists()
    assert home.notifier.latest_metrics["waiting"] == {}


def test_a_mistake_in_its_section_leaves_the_previous_bridge(home: Home, path: Path) -> None:
    home.environ = WITH_BRIDGE
    home.run()
    before = path.read_bytes()
    home.mistakes, home.has_mistakes = (SettingsProblem("mqtt_bridge", "topics"),), True
    home.run()
    assert path.read_bytes() == before
