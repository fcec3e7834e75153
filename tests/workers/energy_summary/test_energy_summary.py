import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.errors import Rejected, Unavailable
from hems.protocols.gateway import home_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.settings import Settings
from hems.settings.mqtt import MqttSettings
from hems.workers.energy_summary import (
    NO_HOME_ASSISTANT,
    EnergySummary,
    EnergySummaryMetrics,
    messages,
    status,
)
from hems.workers.energy_summary.home_assistant_reader import (
    MARGIN_S,
    HomeAssistantReader,
)
from hems.workers.energy_summary.home_numbers import HomeNumbers, State
from tests.fakes.energy_home import EnergyHome
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import in_place
from tests.fakes.time import context

DEVICE = home_entities.device("7", "1")
CONFIG = f"homeassistant/device/{DEVICE.node}/config"


def published() -> set[str]:
    """Return the topics of the worker, with the placeholder of the page."""
    entities = home_entities.entities(HomeParts(), "EUR")
    topics = messages(MqttSettings(), DEVICE, ("a",), entities, {})
    return {topic.replace(DEVICE.node, "home_ID") for topic in topics}


def state() -> State:
    """Return the state of a home that has everything."""
    here = EnergyHome(ZoneInfo("Europe/Paris"))
    here.linky()
    return HomeNumbers([], ZoneInfo).read(here.session(), 1.8e9, lambda: None)[1]


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


def test_without_a_home_assistant_it_waits_and_says_what_to_set() -> None:
    ctx, _, notifier = context(until=100.0)
    EnergySummary(Settings(), None, "7").run(ctx)
    assert notifier.sent[:2] == ["ready", f"status {NO_HOME_ASSISTANT}"]


def test_it_does_not_start_without_a_login_at_the_broker() -> None:
    def nobody(_now: float) -> None:
        raise AssertionError

    worker = EnergySummary(Settings(), nobody, "7")  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="no login at the broker yet"):
        worker.run(context(1.0)[0])


def test_the_status_is_a_line_for_people() -> None:
    good = EnergySummaryMetrics(2, 17, "connected", "")
    assert status(good) == "MQTT connected, Home Assistant answers, 17 values known"
    bad = EnergySummaryMetrics(2, 0, "refused", "it starts")
    assert status(bad) == "MQTT away: refused, Home Assistant: it starts, 0 values known"


@pytest.fixture
def peer() -> FakeHomeAssistant:
    peer = FakeHomeAssistant()
    peer.is_set_up_by("admin", "secret password")
    return peer


@pytest.fixture
def token_file(tmp_path: Path, peer: FakeHomeAssistant) -> Path:
    path = tmp_path / "token"
    path.write_text(token(peer))
    return path


def token(peer: FakeHomeAssistant) -> str:
    _, answer = peer.accounts.token({"code": peer.accounts.code()})
    assert isinstance(answer, dict)
    return str(answer["refresh_token"])


def reader(path: Path) -> HomeAssistantReader:
    return HomeAssistantReader(HomeAssistant(("127.0.0.1", 8123), 5.0), path)


def test_a_token_is_renewed_before_it_ends_and_used_until_then(
    peer: FakeHomeAssistant, token_file: Path
) -> None:
    one = reader(token_file)
    with in_place(peer):
        for now in (0.0, 1799.0 - MARGIN_S, 1800.0 - MARGIN_S):
            with one.session(now):
                pass
    assert peer.requests("/auth/token") == ["POST /auth/token: 200"] * 2


def test_a_refused_token_is_never_sent_again_and_another_one_is_used(
    peer: FakeHomeAssistant, token_file: Path
) -> None:
    one = reader(token_file)
    peer.accounts.revoke()
    with in_place(peer):
        for now in (0.0, 60.0, 120.0):
            with pytest.raises(Rejected, match="refuses the token"):
                one.session(now)
        assert peer.accounts.failures == 1
        token_file.write_text(token(peer))
        with one.session(180.0) as session:
            assert session.states() == ()


def test_home_assistant_is_not_asked_for_the_statistics_of_nothing(
    peer: FakeHomeAssistant, token_file: Path
) -> None:
    with in_place(peer), reader(token_file).session(0.0) as session:
        assert session.energy_of([], 0.0, None, "hour") == {}
    assert peer.requests("statistics") == []


def test_before_there_is_a_token_it_waits(tmp_path: Path, peer: FakeHomeAssistant) -> None:
    with in_place(peer), pytest.raises(Unavailable, match="provision has not set up"):
        reader(tmp_path / "none").session(0.0)
    assert peer.history == []
