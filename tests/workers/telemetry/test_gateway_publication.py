import json
from typing import Any

import pytest

from hems import __version__
from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway.gateway_entities import device
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings.mqtt import MqttSettings
from hems.workers.telemetry.gateway_publication import GatewayPublication
from hems.workers.telemetry.state_sources import StateReader
from tests.fakes.telemetry import PROBLEM, FakeGateway, row

DEVICE = device("an identity", __version__)
CONFIG = f"homeassistant/device/{DEVICE.node}/config"
STATE = "hems/gateway/state"
AVAILABILITY = "hems/telemetry/availability"
PERIOD_S = 60.0


class Published(MqttPublisher):
    """A publication that checks every two seconds, and the messages that its broker gets."""

    def __init__(self) -> None:
        self.gateway = FakeGateway()
        self.messages: list[tuple[str, Any]] = []
        self.availability_topic = AVAILABILITY
        reader = StateReader(self.gateway.sources(), "balenaOS 6.1.2")
        self.publication = GatewayPublication(MqttSettings(), self, reader, DEVICE, PERIOD_S)

    def set(self, topic: str, payload: bytes) -> None:
        self.messages.append((topic, json.loads(payload)))

    def check_for(self, seconds: float, step_s: float = 2.0) -> None:
        end = self.gateway.now + seconds
        while self.gateway.now < end:
            self.publication.check(self.gateway.now)
            self.gateway.now += step_s

    def of(self, topic: str) -> list[Any]:
        return [payload for name, payload in self.messages if name == topic]


def test_the_first_check_publishes_discovery_then_state() -> None:
    published = Published()
    published.check_for(2)
    assert [topic for topic, _ in published.messages] == [CONFIG, STATE]
    [config] = published.of(CONFIG)
    assert config["availability"] == [{"topic": AVAILABILITY}]
    assert config["state_topic"] == STATE
    assert {"internet", "unit_led", "unit_watchdog_restarts"} <= config["components"].keys()
    [state] = published.of(STATE)
    assert (state["internet"], state["unit_led"], state["problem"]) == ("online", "active", False)
    assert (state["version"], state["os_version"]) == (__version__, "balenaOS 6.1.2")


def test_while_nothing_happens_there_is_one_state_a_period() -> None:
    published = Published()
    published.check_for(10 * PERIOD_S)
    assert len(published.of(STATE)) == 10
    assert len(published.of(CONFIG)) == 1


def test_a_temperature_waits_for_the_next_period() -> None:
    published = Published()
    published.check_for(2)
    published.gateway.temperature = 80.0
    published.check_for(PERIOD_S - 2)
    assert len(published.of(STATE)) == 1
    published.check_for(4)
    assert published.of(STATE)[-1]["cpu_temperature"] == 80


def test_a_change_of_the_internet_is_published_at_once() -> None:
    published = Published()
    published.check_for(10)
    published.gateway.internet = Internet.PORTAL
    published.check_for(2)
    assert [state["internet"] for state in published.of(STATE)] == ["online", "portal"]


def test_a_problem_is_published_at_once_and_so_is_its_end() -> None:
    published = Published()
    published.check_for(10)
    for _ in range(2):
        published.gateway.units[0] = row("led", problems=[PROBLEM])
        published.check_for(2)
        published.gateway.units[0] = row("led")
        published.check_for(2)
    titles = [[one["title"] for one in state["problems"]] for state in published.of(STATE)]
    assert titles == [[], *([["led has failed"], []] * 2)]
    assert [state["problem"] for state in published.of(STATE)][:3] == [False, True, False]


def test_a_new_unit_gets_its_entities_and_one_that_went_keeps_them() -> None:
    published = Published()
    published.check_for(2)
    published.gateway.units = [row("led"), row("meter-1")]
    published.check_for(2)
    first, second = published.of(CONFIG)
    assert second["components"].keys() - first["components"].keys() == {
        "unit_meter_1",
        "unit_meter_1_restarts",
    }
    assert "unit_watchdog" in second["components"]


def test_entities_are_published_once_the_units_are_known_so_that_none_is_removed() -> None:
    published = Published()
    published.gateway.away["health"] = Unavailable("health.json: No such file")
    published.check_for(PERIOD_S * 2)
    assert published.of(CONFIG) == []
    assert published.of(STATE)
    published.gateway.away = {}
    published.check_for(2)
    [config] = published.of(CONFIG)
    assert {"internet", "unit_led", "unit_watchdog_restarts"} <= config["components"].keys()


def test_a_silent_supervisor_leaves_the_units_unknown_and_says_why() -> None:
    published = Published()
    published.gateway.away["health"] = Unavailable("health.json: No such file")
    published.check_for(2)
    [state] = published.of(STATE)
    assert state["problem"] is None
    assert state["unread"] == ["health of the units: health.json: No such file"]
    assert state["cpu_temperature"] == 50


@pytest.mark.parametrize("error", [Unavailable("no sensor"), ProtocolError("hot")])
def test_what_cannot_be_read_is_unknown_and_the_rest_is_published(error: Exception) -> None:
    published = Published()
    published.gateway.away = {"temperature": error, "disk": error}  # type: ignore[dict-item]
    published.check_for(2)
    [state] = published.of(STATE)
    assert state["cpu_temperature"] is state["disk_free"] is state["disk_used"] is None
    assert state["memory_used"] == 30
    assert state["unread"] == [f"disk space: {error}", f"CPU temperature: {error}"]


def test_what_is_read_again_is_no_longer_listed() -> None:
    published = Published()
    for _ in range(2):
        published.gateway.away = {"memory": Unavailable("gone")}
        published.check_for(PERIOD_S)
        assert published.of(STATE)[-1]["unread"] == ["memory: gone"]
        published.gateway.away = {}
        published.check_for(PERIOD_S)
        assert published.of(STATE)[-1]["unread"] == []


def test_old_reports_are_unknown() -> None:
    published = Published()
    published.gateway.hung_at = published.gateway.now
    published.check_for(240)
    last = published.of(STATE)[-1]
    assert last["internet"] is None
    assert last["internet_reason"] == "the watchdog's report is older than 180 s"
    assert last["problem"] is None


def test_the_wear_of_the_flash_is_known_after_ten_minutes() -> None:
    published = Published()
    for _ in range(12):
        published.check_for(PERIOD_S)
        published.gateway.written += 1_000_000
    rates = [state["disk_written"] for state in published.of(STATE)]
    assert rates == [None] * 10 + [60, 60]
