"""A dongle's frame through nginx to the real worker, and on to the real mosquitto."""

from __future__ import annotations

import json
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hems.settings.shared_secret_rules import HOME_ASSISTANT
from tests.deploy import broker
from tests.deploy.lan import BRIDGE, BROKER, CLIENT, PROXY
from tests.deploy.site import DEVICE, Site
from tests.integration.d2l import ID, D2lWorker, Dongle
from tests.integration.mosquitto import PASSWORD, USER, Observer
from tests.integration.namespaces import require_namespaces
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.deploy

STATE = f"hems/d2l/{ID:012d}/state"


@pytest.fixture(scope="module")
def mosquitto(gateway: Site) -> None:
    require_namespaces("mosquitto")
    broker.start(gateway.host, gateway.lan, gateway.directory / "mosquitto.log")


@pytest.fixture(scope="module")
def worker(
    gateway: Site, mosquitto: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[D2lWorker]:
    """The worker on the host, where docker-compose.yml and etc/hems.toml have everything."""
    house, directory = gateway.lan.house, tmp_path_factory.mktemp("worker")
    running: D2lWorker = house.call(
        lambda: D2lWorker(directory, 1883, host=BRIDGE, port=7846, HEMS_MQTT_HOST=BROKER)
    )
    try:
        eventually(lambda: house.reaches(BRIDGE, 7846, 1), 10, "the worker listens")
        yield running
    finally:
        running.stop()


@pytest.fixture
def observer(gateway: Site, mosquitto: None) -> Iterator[Observer]:
    with gateway.lan.house.call(lambda: Observer(1883, HOME_ASSISTANT, PASSWORD)) as watching:
        yield watching


@pytest.fixture
def meter(gateway: Site, worker: D2lWorker) -> Iterator[Dongle]:
    house = gateway.lan.house
    with house.call(lambda: Dongle(7845, host=PROXY, source=CLIENT)) as connected:
        yield connected


def test_a_frame_is_answered_and_published(meter: Dongle, observer: Observer) -> None:
    meter.send(meter.push(EAST="000123456"))
    assert meter.answer() is not None
    eventually(lambda: observer.newest(STATE) is not None, 5, "the reading")
    assert json.loads(observer.newest(STATE) or "")["east"] == 123456


def test_the_worker_sees_the_clients_own_address(worker: D2lWorker, meter: Dongle) -> None:
    meter.send(b"rubbish, and long enough to be seen for it")
    assert meter.answer() is None
    eventually(lambda: f"{CLIENT}: malformed header" in worker.log(), 5, "its address")


def test_a_dongle_that_has_said_all_still_gets_its_answer(meter: Dongle) -> None:
    meter.send(meter.clock_request())
    meter.socket.shutdown(1)
    assert meter.answer() is not None


def test_a_dongle_that_vanished_is_noticed(gateway: Site, meter: Dongle) -> None:
    """Its half-open connection ends by TCP's own probes, long before nginx's hour is over."""
    meter.send(meter.clock_request())
    assert meter.answer() is not None
    sockets = gateway.lan.proxy.run("ss", "-tnoH", "state", "established", "sport = :7845")
    assert CLIENT in sockets
    assert "timer:(keepalive," in sockets


def refusal(site: Site, user: str | None, password: str | None = None) -> str:
    """Return why mosquitto does not let somebody in, empty if it does."""
    reasons: list[str] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, password)
    client.on_connect = lambda _client, _data, _flags, code, _properties: reasons.append(
        str(code) if code.is_failure else ""
    )
    site.lan.house.call(lambda: client.connect(BROKER, 1883))
    client.loop_start()
    eventually(lambda: bool(reasons), 10, "an answer")
    client.disconnect()
    client.loop_stop()
    return reasons[0]


@pytest.mark.parametrize(
    ("user", "password"), [(None, None), (USER, "wrong"), ("nobody", PASSWORD), (USER, None)]
)
def test_the_broker_lets_no_stranger_in(
    gateway: Site, mosquitto: None, user: str | None, password: str | None
) -> None:
    assert refusal(gateway, user, password) == "Not authorized"


def test_the_workers_password_is_right(gateway: Site, mosquitto: None) -> None:
    assert refusal(gateway, USER, PASSWORD) == ""


def test_a_worker_writes_only_what_is_its_own(gateway: Site, observer: Observer) -> None:
    with gateway.lan.house.call(lambda: Observer(1883)) as worker:
        for topic in ("zigbee/lamp/set", "homeassistant/x/config", "hems/x/state"):
            worker.publish(topic, "from a worker")
        eventually(lambda: observer.newest("hems/x/state") is not None, 5, "the last of them")
        assert observer.newest("homeassistant/x/config") == "from a worker"
        assert observer.newest("zigbee/lamp/set") is None


def test_a_worker_reads_only_what_is_its_own(gateway: Site, observer: Observer) -> None:
    with gateway.lan.house.call(lambda: Observer(1883)) as worker:
        for topic in ("zigbee/lamp/state", "homeassistant/status", "hems/y"):
            observer.publish(topic, "from Home Assistant")
        eventually(lambda: worker.newest("hems/y") is not None, 5, "the last of them")
        assert worker.newest("homeassistant/status") == "from Home Assistant"
        assert worker.newest("zigbee/lamp/state") is None


def test_another_device_writes_only_below_its_name(gateway: Site, observer: Observer) -> None:
    with gateway.lan.house.call(lambda: Observer(1884, DEVICE, PASSWORD)) as device:
        for topic in ("hems/d2l/x/state", f"{DEVICE}/lamp"):
            device.publish(topic, "from a device")
        eventually(lambda: observer.newest(f"{DEVICE}/lamp") is not None, 5, "the last of them")
        assert observer.newest("hems/d2l/x/state") is None
