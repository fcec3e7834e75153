"""The home's numbers by the real telemetry, mosquitto, and a Home Assistant on real sockets."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems import __version__
from hems.protocols.gateway import home_entities
from hems.settings.shared_secret_rules import READER_TOKEN
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.integration.home_assistant import HomeAssistantServer
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import WorkerProcess, eventually

pytestmark = pytest.mark.integration

UUID = "0123456789abcdef0123456789abcdef"
CONFIG = f"homeassistant/device/{home_entities.device(UUID, __version__).node}/config"
STATE, ONLINE = "hems/home/state", "hems/telemetry/availability"
CONTRACT = '[{name = "HC", prices = {HCHC = 0.1, HCHP = 0.3}, standing_charge_year = 0}]'
LINKY = "d2l_012345678901"
ENERGY = {"device_class": "energy", "state_class": "total_increasing", "unit_of_measurement": "Wh"}
DAY_S, SLOT_S = 86400, 300
ANSWER_S, BEAT_S = 5.0, 0.5
GATEWAY = "hems/gateway/state"


def home_with_a_linky() -> FakeHomeAssistant:
    """Return one with a meter that has counted 100 Wh in each slot of the last days, at night."""
    peer = FakeHomeAssistant(home={"time_zone": "UTC"})
    peer.is_set_up_by("admin", "secret password")
    now = time.time() // SLOT_S * SLOT_S
    slots = [now - SLOT_S * number for number in range(1, 10 * DAY_S // SLOT_S)]
    for key in ("energy_total", "hchc", "hchp"):
        entity_id = f"sensor.{LINKY}_{key}"
        peer.registry.append(
            {
                "entity_id": entity_id,
                "platform": "mqtt",
                "unique_id": f"{LINKY}_{key}",
                "device_id": LINKY,
                "attributes": ENERGY,
            }
        )
        peer.counted[entity_id] = dict.fromkeys(slots, 0.0 if key == "hchp" else 100.0)
    peer.device_labels[LINKY] = ["smartcore_grid"]
    return peer


@pytest.fixture
def server() -> Iterator[HomeAssistantServer]:
    with HomeAssistantServer(home_with_a_linky()) as server:
        yield server


@pytest.fixture
def token_file(tmp_path: Path, server: HomeAssistantServer) -> Path:
    """Return the file in which provision keeps the token."""
    client = server.client()
    path = tmp_path / "secrets" / READER_TOKEN
    path.parent.mkdir()
    path.write_text(client.tokens(client.log_in("admin", "secret password")).refresh_token)
    return path


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    """Return what supervisord would receive."""
    with NotifyReceiver(tmp_path) as reports:
        yield reports


@pytest.fixture
def worker(
    tmp_path: Path,
    broker: Mosquitto,
    server: HomeAssistantServer,
    token_file: Path,
    reports: NotifyReceiver,
) -> Iterator[WorkerProcess]:
    environ = {
        "BALENA_DEVICE_UUID": UUID,
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": broker.port,
        "HEMS_HOME_ASSISTANT_HOST": "127.0.0.1",
        "HEMS_HOME_ASSISTANT_PORT": server.port,
        "HEMS_HOME_ASSISTANT_TIMEOUT_S": ANSWER_S,
        "HEMS_PROVISION_GATEWAY_DIRECTORY": token_file.parents[1],
        "HEMS_TELEMETRY_HEALTH_FILE": tmp_path / "health.json",
        "HEMS_TELEMETRY_HOME_PERIOD_S": "1",
        "HEMS_TELEMETRY_PERIOD_S": "1",
        "HEMS_WATCHDOG_DATA_DIRECTORY": tmp_path,
        "HEMS_WATCHDOG_STATE_FILE": tmp_path / "state.json",
        "HEMS_TARIFFS_CONTRACTS": CONTRACT,
        "MQTT_USER": USER,
        "MQTT_PASSWORD": PASSWORD,
        "NOTIFY_SOCKET": reports.path,
        "WATCHDOG_USEC": int(2e6 * BEAT_S),
    }
    with WorkerProcess("telemetry", tmp_path, environ) as worker:
        yield worker


def newest(observer: Observer) -> dict[str, object]:
    content = observer.newest(STATE)
    return dict(json.loads(content)) if content else {}


def metrics(reports: NotifyReceiver) -> dict[str, object]:
    """Return the metrics of the newest beat."""
    return dict(json.loads(reports.newest().get("X_METRICS", "{}")))


def test_the_numbers_reach_the_broker_and_survive_a_kill(
    worker: WorkerProcess, observer: Observer
) -> None:
    eventually(lambda: newest(observer).get("energy_yesterday") == 28.8, 10, "yesterday")
    assert newest(observer)["cost_yesterday"] == 2.88
    components = observer.newest_json(CONFIG)["components"]
    assert components["cost_today"]["unit_of_measurement"] == "EUR"
    assert observer.newest_json(CONFIG)["availability"] == [{"topic": ONLINE}]
    os.kill(worker.process.pid, signal.SIGKILL)
    eventually(lambda: observer.newest(ONLINE) == "offline", 5, "offline")


def test_nothing_is_known_while_home_assistant_is_away_and_all_is_known_again(
    worker: WorkerProcess,
    observer: Observer,
    server: HomeAssistantServer,
    reports: NotifyReceiver,
) -> None:
    for _ in range(2):
        eventually(lambda: newest(observer).get("energy_yesterday") == 28.8, 10, "yesterday")
        eventually(lambda: bool(metrics(reports).get("home_values")), 10, "known values")
        assert metrics(reports)["home_assistant"] == ""
        server.peer.is_away = True
        eventually(lambda: newest(observer) == {}, 10, "nothing")
        eventually(lambda: "websocket" in str(metrics(reports)["home_assistant"]), 10, "why")
        assert metrics(reports)["home_values"] == 0
        server.peer.is_away = False
    eventually(lambda: observer.newest(ONLINE) == "online", 5, "online")
    assert worker.stop() == 0
    eventually(lambda: observer.newest(ONLINE) == "offline", 5, "offline")


def test_a_slow_home_assistant_holds_up_neither_the_gateways_state_nor_the_beat(
    worker: WorkerProcess,
    observer: Observer,
    server: HomeAssistantServer,
    reports: NotifyReceiver,
) -> None:
    eventually(lambda: newest(observer).get("energy_yesterday") == 28.8, 10, "yesterday")
    server.is_silent, questions = True, len(server.peer.history)
    eventually(lambda: len(server.peer.history) > questions, 5, "a question")
    states, beaten = observer.count(GATEWAY), metrics(reports)["published"]
    eventually(lambda: observer.count(GATEWAY) > states + 1, ANSWER_S, "states of the gateway")
    eventually(lambda: metrics(reports)["published"] != beaten, ANSWER_S, "a beat")
    assert newest(observer)  # it still waits for the answer
    begun = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - begun < 2 * ANSWER_S
    eventually(lambda: observer.newest(ONLINE) == "offline", 5, "offline")


def test_a_revoked_token_waits_for_another_one(
    worker: WorkerProcess, observer: Observer, server: HomeAssistantServer, token_file: Path
) -> None:
    eventually(lambda: bool(newest(observer)), 10, "it is let in")
    server.peer.accounts.revoke()
    eventually(lambda: newest(observer) == {}, 10, "nothing")
    time.sleep(3)  # more rounds, in which it could have asked again
    assert server.peer.accounts.failures <= 2  # the access token, and the refresh token
    client = server.client()
    token = client.tokens(client.log_in("admin", "secret password")).refresh_token
    token_file.write_text(token)
    eventually(lambda: bool(newest(observer)), 10, "it is let in again")
    assert worker.process.poll() is None
