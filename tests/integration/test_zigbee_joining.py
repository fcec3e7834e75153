"""The button and the name arrive over a real broker, and a retained press opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway import gateway_entities
from hems.settings.mqtt import MqttSettings
from hems.workers.provision.zigbee_joining import ZigbeeJoining
from tests.fakes.zigbee_network import FakeZigbeeNetwork
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

BASE = "hems/zigbee-joining"
PLUG = "00:0a"
PRESS_S = 2


@pytest.fixture
def network() -> FakeZigbeeNetwork:
    return FakeZigbeeNetwork()


@pytest.fixture
def joining(broker: Mosquitto, network: FakeZigbeeNetwork, tmp_path: Path) -> ZigbeeJoining:
    return ZigbeeJoining(
        MqttSettings(host="127.0.0.1", port=broker.port),
        gateway_entities.device("an identity", ""),
        lambda: (USER, PASSWORD),
        cast(Callable[[], AdminSession], network.session),
        lambda: True,
        tmp_path / "zigbee_joining.json",
    )


def test_a_press_and_a_name_arrive_and_a_retained_press_does_not(
    joining: ZigbeeJoining, network: FakeZigbeeNetwork, observer: Observer
) -> None:
    observer.publish(f"{BASE}/command/open", "PRESS", retain=True)
    joining.step(0)
    joining.step(1)  # it runs already
    eventually(lambda: bool(observer.of(f"{BASE}/state")), 10, "the state is published")
    [announced] = [one for one, _ in observer.messages if one.endswith("/zigbee-joining/config")]
    assert announced.startswith("homeassistant/device/gateway_")
    observer.publish(f"{BASE}/command/name", "Nobody")  # in order, after the retained press
    observer.publish(f"{BASE}/command/name", "x" * 5000)
    assert network.permits == []
    observer.publish(f"{BASE}/command/open", "PRESS")
    eventually(lambda: network.is_open, PRESS_S, "joining is open")
    network.join(PLUG)
    network.report(PLUG)

    def is_shown(name: str) -> bool:
        return bool(observer.newest_json(f"{BASE}/state").get("zigbee_last_joined") == name)

    eventually(lambda: is_shown("hems SIM-METER"), PRESS_S + 1, "the meter is shown")
    observer.publish(f"{BASE}/command/name", "Fridge")
    eventually(lambda: is_shown("Fridge"), PRESS_S, "the name is shown")
    assert network.devices[PLUG].user_given_name == "Fridge"
