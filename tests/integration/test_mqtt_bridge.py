"""Two real mosquitto, one a central one, and between them the bridge that provision makes."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from dev.launcher.free_port import free_port
from hems.protocols.mqtt.broker_topics_and_limits import BRIDGES
from hems.protocols.mqtt.mosquitto_access_files import password_line
from hems.settings.shared_secret_rules import HOME_ASSISTANT, Secret
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.provision import provisioned
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

USER, PASSWORD = "home 1", "# \"ä'\\ ${x} %41 /:@?密"
PREFIX = socket.gethostname()
CA = "/etc/ssl/certs/ca-certificates.crt"
WITHIN_S = 15


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(central_broker(tmp_path)) as broker:
        yield broker


def central_broker(directory: Path, more: str = "") -> Mosquitto:
    """Return a broker that lets USER in and keeps a log; `more` is said of its first listener."""
    passwords = directory / "passwords"
    passwords.write_text(password_line(USER, PASSWORD, os.urandom(12)) + "\n")
    passwords.chmod(0o644)  # mosquitto drops root before it reads the file again
    users = f"allow_anonymous false\npassword_file {passwords}\n"
    log = directory / "central.log"
    log.touch()
    log.chmod(0o666)
    return Mosquitto(directory, f"listener 1883\n{more}{users}log_dest file {log}\n")


@contextmanager
def running(broker: Mosquitto) -> Iterator[Mosquitto]:
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def provisioned_for(central: Mosquitto, directory: Path, scheme: str, password: str) -> Path:
    """Return the gateway's files when a variable says this central broker."""
    directory.mkdir()
    login = f"{quote(USER)}:{quote(password, safe='')}"
    url = f"{scheme}://{login}@127.0.0.1:{central.port}"
    return provisioned(directory, MQTT_BRIDGE=url).gateway


@contextmanager
def home_broker(
    gateway: Path,
    ca: str = CA,
    user: str = HOME_ASSISTANT,
    secret: Secret = Secret.MQTT_HOMEASSISTANT_PASSWORD,
) -> Iterator[Observer]:
    """Start the home's broker and return Home Assistant, or another user, at it."""
    bridge = (gateway / "bridge.conf").read_text()
    for theirs, ours in {
        "restart_timeout 10 300": "restart_timeout 1 2",
        CA: ca,
    }.items():
        bridge = bridge.replace(theirs, ours)
    password = (gateway / "secrets" / secret).read_text()
    text = bridge + (gateway / "mosquitto.conf").read_text()
    with (
        running(Mosquitto(gateway.parent, text)) as broker,
        Observer(broker.port, user, password) as home,
    ):
        yield home


def arrives(far: Observer, payload: str) -> None:
    topic = f"{PREFIX}/hems/reading"
    eventually(lambda: payload in far.of(topic), WITHIN_S, f"{payload} arrives at the central one")


def is_logged(directory: Path, words: str) -> None:
    log = directory / "central.log"
    eventually(lambda: words in log.read_text(), WITHIN_S, f"the central one logs: {words}")


def test_a_reading_arrives_below_the_gateways_name_and_nothing_else(
    central: Mosquitto, tmp_path: Path
) -> None:
    gateway = provisioned_for(central, tmp_path / "home", "mqtt", PASSWORD)
    with Observer(central.port, USER, PASSWORD) as far, home_broker(gateway) as home:
        home.publish("private/reading", "own")
        home.publish("hems/reading", "1")
        arrives(far, "1")
        assert {topic for topic, _ in far.messages} == {f"{PREFIX}/hems/reading"}


def test_nothing_comes_back(central: Mosquitto, tmp_path: Path) -> None:
    gateway = provisioned_for(central, tmp_path / "home", "mqtt", PASSWORD)
    with Observer(central.port, USER, PASSWORD) as far, home_broker(gateway) as home:
        home.publish("hems/reading", "1")
        arrives(far, "1")
        for topic in ("hems/reading", f"{PREFIX}/hems/reading"):
            far.publish(topic, "forged")
        home.publish("hems/reading", "2")
        arrives(far, "2")
        assert home.messages == [("hems/reading", "1"), ("hems/reading", "2")]


def test_what_is_published_while_the_central_broker_is_away_arrives_later(
    central: Mosquitto, tmp_path: Path
) -> None:
    gateway = provisioned_for(central, tmp_path / "home", "mqtt", PASSWORD)
    with home_broker(gateway) as home:
        with Observer(central.port, USER, PASSWORD) as far:
            home.publish("hems/reading", "before")
            arrives(far, "before")
        central.kill()
        home.publish("hems/reading", "meanwhile")
        assert home.newest("hems/reading") == "meanwhile"
        central.start()
        with Observer(central.port, USER, PASSWORD) as far:
            home.publish("hems/reading", "after")
            arrives(far, "after")
            assert far.of(f"{PREFIX}/hems/reading") == ["meanwhile", "after"]


def test_telemetry_knows_whether_the_central_broker_is_there(
    central: Mosquitto, tmp_path: Path
) -> None:
    gateway = provisioned_for(central, tmp_path / "home", "mqtt", PASSWORD)
    with home_broker(gateway, user="hems", secret=Secret.MQTT_PASSWORD) as telemetry:
        telemetry.subscribe(BRIDGES)

        def state() -> list[str]:
            return [payload for _, payload in list(telemetry.messages)][-1:]

        for _ in range(2):
            eventually(lambda: state() == ["1"], WITHIN_S, "the bridge is connected")
            central.kill()
            eventually(lambda: state() == ["0"], WITHIN_S, "the bridge is not connected")
            central.start()


def test_a_password_that_is_wrong_there_does_no_harm_at_home(
    central: Mosquitto, tmp_path: Path
) -> None:
    gateway = provisioned_for(central, tmp_path / "home", "mqtt", "wrong")
    with Observer(central.port, USER, PASSWORD) as far, home_broker(gateway) as home:
        home.publish("hems/reading", "1")
        is_logged(tmp_path, "not authorised")
        home.publish("hems/reading", "2")
        eventually(lambda: home.count("hems/reading") == 2, WITHIN_S, "the home's broker serves")
        assert far.messages == []


@pytest.mark.parametrize("is_known", [True, False])
def test_with_tls_a_central_broker_is_told_only_if_its_ca_is_known(
    tmp_path: Path, *, is_known: bool
) -> None:
    tls = provisioned(tmp_path).gateway / "tls"
    plain = free_port(None)
    keys = f"certfile {tls}/server.crt\nkeyfile {tls}/server.key\nlistener {plain} 127.0.0.1\n"
    with running(central_broker(tmp_path, keys)) as central:
        gateway = provisioned_for(central, tmp_path / "home", "mqtts", PASSWORD)
        ca = (tls if is_known else gateway / "tls") / "ca.crt"
        with Observer(plain, USER, PASSWORD) as far, home_broker(gateway, str(ca)) as home:
            home.publish("hems/reading", "1")
            if is_known:
                arrives(far, "1")
            else:
                is_logged(tmp_path, "unknown ca")
                assert far.messages == []
