import asyncio
import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.clients.home_assistant.refresh_token_login import RefreshTokenLogin
from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import Unavailable
from hems.protocols.gateway import home_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.settings import Settings
from hems.settings.mqtt import MqttSettings
from hems.settings.telemetry import TelemetrySettings
from hems.workers.telemetry.energy_summary import EnergySummary, messages
from hems.workers.telemetry.energy_summary.home_numbers import HomeNumbers, State
from tests.fakes.energy_home import EnergyHome
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import in_place
from tests.fakes.time import FakeTime


class Publisher(MqttPublisher):
    """Keeps the newest message of each topic."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.availability_topic = "a"

    def set_if_new(self, topic: str, payload: bytes) -> None:
        self.messages[topic] = payload


DEVICE = home_entities.device("7", "1")
CONFIG = f"homeassistant/device/{DEVICE.node}/config"


def published() -> set[str]:
    """Return the topics of the home, with the placeholder of the page."""
    entities = home_entities.entities(HomeParts(), "EUR")
    topics = messages(MqttSettings(), DEVICE, ("a",), entities, {})
    return {topic.replace(DEVICE.node, "home_ID") for topic in topics}


def state() -> State:
    """Return the state of a home that has everything."""
    here = EnergyHome(ZoneInfo("Europe/Paris"))
    here.linky()
    return HomeNumbers([], ZoneInfo).read(here.session(), 1.8e9)[1]


def test_a_home_has_the_entities_of_what_it_has() -> None:
    keys = {one.key for one in home_entities.entities(HomeParts(), "EUR")}
    assert {"power_now", "energy_month"} <= keys
    assert not {"price_now", "solar_today", "exported_today", "tempo_days_left_red"} & keys
    some = HomeParts(has_prices=True) | HomeParts(has_export=True)
    entities = {one.key: one for one in home_entities.entities(some, "GBP")}
    assert entities["price_now"].unit == "GBP/kWh"
    assert entities["cost_today"].unit == "GBP"
    assert "exported_today" in entities
    assert "feed_in_today" not in entities


def test_an_entity_has_the_attributes_that_the_state_has_for_it() -> None:
    entities = home_entities.entities(HomeParts(has_prices=True), "EUR")
    payloads = messages(MqttSettings(), DEVICE, ("a",), entities, {"cost_today": 1})
    component = json.loads(payloads[CONFIG])["components"]["cost_today"]
    template = component["json_attributes_template"]
    assert template == "{{ (value_json.get('cost_today_attributes') or {}) | to_json }}"
    assert component["default_entity_id"] == "sensor.home_cost_today"


def test_nothing_is_announced_before_it_is_known_what_the_home_has() -> None:
    assert messages(MqttSettings(), DEVICE, ("a",), None, {}) == {"hems/home/state": b"{}"}


def test_without_a_home_assistant_it_does_nothing() -> None:
    publisher = Publisher()
    asyncio.run(EnergySummary(Settings(), None, "7").rounds(FakeTime(), publisher))
    assert publisher.messages == {}


def test_a_bug_ends_it_and_an_answer_that_is_missing_does_not() -> None:
    errors = [Unavailable("it starts"), ZeroDivisionError()]
    troubles = []

    def session(_now: float, _check: Callable[[], None]) -> AdminSession:
        troubles.append(summary.trouble)
        raise errors.pop(0)

    settings = msgspec.structs.replace(Settings(), telemetry=TelemetrySettings(home_period_s=0))
    summary, publisher = EnergySummary(settings, session, "7"), Publisher()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(summary.rounds(FakeTime(), publisher))
    assert troubles == ["", "it starts"]
    assert publisher.messages == {"hems/home/state": b"{}"}


@pytest.fixture
def peer() -> FakeHomeAssistant:
    peer = FakeHomeAssistant()
    peer.is_set_up_by("admin", "secret password")
    return peer


def opened(peer: FakeHomeAssistant, check: Callable[[], None] | None = None) -> AdminSession:
    client = HomeAssistant(("127.0.0.1", 8123), 5.0)
    return RefreshTokenLogin(client, peer.refresh_token).session(0.0, check)


@pytest.mark.parametrize("allowed", range(4))
def test_it_asks_no_further_question_once_the_worker_ends(
    peer: FakeHomeAssistant, allowed: int
) -> None:
    peer.home["time_zone"] = "UTC"
    left = iter(range(allowed))

    def check() -> None:
        if next(left, None) is None:
            raise Unavailable("the worker ends")

    def read() -> None:
        with opened(peer, check) as session:
            HomeNumbers([], ZoneInfo).read(session, 1.8e9)

    with in_place(peer), pytest.raises(Unavailable, match="the worker ends"):
        read()
    everything = ["POST /auth/token: 200", "websocket: auth_ok", "get_config", "get_states"]
    assert peer.history == everything[: 1 + allowed]


def test_home_assistant_is_not_asked_for_the_statistics_of_nothing(
    peer: FakeHomeAssistant,
) -> None:
    with in_place(peer), opened(peer) as session:
        assert session.energy_of([], 0.0, None, "hour") == {}
    assert peer.requests("statistics") == []
