"""The real telemetry worker and the real mosquitto: what Home Assistant gets to see of us."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems import __version__
from hems.protocols.gateway import gateway_entities
from hems.protocols.gateway.gateway_entities import device
from hems.protocols.gateway.watchdog_report import Internet
from hems.system import files
from hems.system.user_command_file import CommandReader
from tests.fakes.telemetry import PROBLEM, FakeGateway, row
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.worker_process import WorkerProcess, eventually

pytestmark = pytest.mark.integration

UUID = "0123456789abcdef0123456789abcdef"
CONFIG = f"homeassistant/device/{device(UUID, __version__).node}/config"
STATE = "hems/gateway/state"
ONLINE = "hems/telemetry/availability"


class TelemetryWorker(WorkerProcess):
    """`python -m hems telemetry`, with what the others tell in files that a test replaces."""

    def __init__(self, directory: Path, broker_port: int) -> None:
        self._health_file, self._state_file = directory / "health.json", directory / "state.json"
        self.commands_file = directory / "commands.json"
        self.tell(FakeGateway())
        environ = {
            "BALENA_DEVICE_UUID": UUID,
            "BALENA_HOST_OS_VERSION": "balenaOS 6.1.2",
            "HEMS_MQTT_HOST": "127.0.0.1",
            "HEMS_MQTT_PORT": broker_port,
            "HEMS_TELEMETRY_HEALTH_FILE": self._health_file,
            "HEMS_TELEMETRY_COMMANDS_FILE": self.commands_file,
            "HEMS_WATCHDOG_STATE_FILE": self._state_file,
            "HEMS_WATCHDOG_DATA_DIRECTORY": directory,
            "MQTT_USER": USER,
            "MQTT_PASSWORD": PASSWORD,
        }
        super().__init__("telemetry", directory, environ)

    def tell(self, gateway: FakeGateway) -> None:
        gateway.now = time.monotonic()
        files.replace(self._health_file, gateway.report())
        files.replace(self._state_file, gateway.state())


@pytest.fixture
def worker(tmp_path: Path, broker: Mosquitto) -> Iterator[TelemetryWorker]:
    with TelemetryWorker(tmp_path, broker.port) as running:
        yield running


def test_the_gateway_becomes_a_device_with_its_state(
    worker: TelemetryWorker, observer: Observer
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 10, "a state")
    assert observer.newest(ONLINE) == "online"
    config, state = observer.newest_json(CONFIG), observer.newest_json(STATE)
    assert config["state_topic"] == STATE
    assert config["availability"] == [{"topic": ONLINE}]
    assert config["device"]["sw_version"] == __version__
    assert (state["internet"], state["os_version"]) == ("online", "balenaOS 6.1.2")
    assert state["uptime_hours"] == pytest.approx(time.monotonic() / 3600, abs=0.11)
    assert 0 < state["memory_used"] < 100
    assert 0 < state["disk_used"] <= 100


def test_neither_a_secret_nor_the_identity_is_published(
    worker: TelemetryWorker, observer: Observer
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 10, "a state")
    everything = json.dumps(observer.messages, ensure_ascii=False)
    assert PASSWORD not in everything
    assert UUID[:8] not in everything


def test_what_is_published_is_retained(
    worker: TelemetryWorker, observer: Observer, broker: Mosquitto
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 10, "a state")
    with Observer(broker.port) as later:
        eventually(
            lambda: {CONFIG, STATE, ONLINE} <= {topic for topic, _ in later.messages}, 5, "all"
        )


def test_a_change_is_told_long_before_the_period_is_over(
    worker: TelemetryWorker, observer: Observer
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 10, "a state")
    failed = row("led", state="failed", is_healthy=False, problems=[PROBLEM])
    worker.tell(FakeGateway(units=[failed], internet=Internet.PORTAL))
    eventually(lambda: observer.newest_json(STATE)["problem"] is True, 5, "the problem")
    assert observer.newest_json(STATE)["problems"] == [
        {name: value for name, value in PROBLEM.items() if name != "began_at"}
    ]
    assert observer.newest_json(STATE)["internet"] == "portal"


def test_everything_is_sent_again_when_home_assistant_starts(
    worker: TelemetryWorker, observer: Observer
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 10, "a state")
    before = observer.count(CONFIG), observer.count(STATE)
    observer.publish("homeassistant/status", "online")
    after = before[0] + 1, before[1] + 1
    eventually(lambda: (observer.count(CONFIG), observer.count(STATE)) == after, 5, "all again")


def test_a_pressed_button_reaches_the_other_workers_and_a_retained_press_does_not(
    tmp_path: Path, broker: Mosquitto, observer: Observer
) -> None:
    observer.publish("hems/command/restart_mqtt", "PRESS", retain=True)
    with TelemetryWorker(tmp_path, broker.port) as worker:
        reader = CommandReader(worker.commands_file, gateway_entities.COMMANDS)
        reader.take(0.0)
        eventually(lambda: "components" in observer.newest_json(CONFIG), 10, "the entities")
        button = observer.newest_json(CONFIG)["components"]["blink_leds"]
        observer.publish(button["command_topic"], button.get("payload_press", "PRESS"))
        eventually(worker.commands_file.exists, 10, "a command")
        assert reader.take(time.monotonic()) == {"blink_leds": "PRESS"}


def test_killed_it_is_offline_by_its_last_will(worker: TelemetryWorker, observer: Observer) -> None:
    eventually(lambda: observer.newest(ONLINE) == "online", 10, "online")
    os.kill(worker.process.pid, signal.SIGKILL)
    eventually(lambda: observer.newest(ONLINE) == "offline", 5, "offline")


def test_stopped_it_says_that_it_is_offline(worker: TelemetryWorker, observer: Observer) -> None:
    eventually(lambda: observer.newest(ONLINE) == "online", 10, "online")
    assert worker.stop() == 0
    eventually(lambda: observer.newest(ONLINE) == "offline", 5, "offline")
