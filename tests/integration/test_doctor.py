"""The real doctor, a gateway with real peers, and faults: each is named with its cause."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hems.desk.up import free_port
from hems.doctor.examination import Check, examine
from hems.doctor.finding import Level, ok
from tests.deploy.peers import Reply
from tests.fakes.influxdb_state import Token
from tests.integration.balena import KEY
from tests.integration.influxdb import TOKEN, served
from tests.integration.mosquitto import PASSWORD
from tests.integration.patient import FIREWALL, PROVISION, ROW, Patient, patient, well
from tests.integration.provision import provisioned
from tests.integration.scripted import Scripted
from tests.required import required

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    required("" if os.geteuid() == 0 else "only root listens on port 443")
    with patient(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def ill(gateway: Patient) -> Iterator[Patient]:
    """Yield the gateway for a test to plant a fault in; well again at the end."""
    yield gateway
    gateway.units, gateway.told_s = well(), 1.0
    gateway.influxdb.tokens = {TOKEN: Token(may_all=True)}


def failures(text: str) -> list[str]:
    """Return what has failed, with what was expected and what is to be done."""
    blocks = re.split(r"\n(?=\S|\n)", text)
    return [" ".join(block.split()) for block in blocks if block.startswith("FAILED")]


def only_failure(outcome: tuple[int, str]) -> str:
    """Return the one failure that was found."""
    code, text = outcome
    (found,) = failures(text)
    assert code == 1
    assert " expected: " in found
    assert " do: " in found
    return found


def test_nothing_is_wrong_with_a_gateway_that_is_well(gateway: Patient) -> None:
    code, text = gateway.examine()
    assert failures(text) == []
    assert code == 0
    assert "all is well" in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"INFLUX_TOKEN": "another-token"}, "INFLUX_TOKEN InfluxDB does not know the token"),
        ({"MQTT_PASSWORD": "another"}, "MQTT login the broker .* refuses the login of hems"),
        ({"BALENA_SUPERVISOR_API_KEY": "another"}, "balena .* 401, the key is not valid"),
        ({"HEMS_LED_PINS": "gpio"}, "gpio .* expected: the header of a Raspberry Pi"),
        ({"HEMS_PROVISION_DATA_DIRECTORY": "/nowhere"}, "volumes /nowhere is missing"),
        ({"D2L_DEVICES": "1" * 12 + ":" + "0" * 32 + ":" + "0" * 32}, "has not sent yet"),
    ],
    ids=["token", "login", "balena", "gpio", "volume", "a meter that never sent"],
)
def test_a_wrong_variable(gateway: Patient, variables: dict[str, str], words: str) -> None:
    code, text = gateway.examine(**variables)
    found = [one for one in failures(text) if re.search(words, one)]
    assert len(found) == 1, text
    assert code == 1


def test_a_token_that_may_only_read(ill: Patient) -> None:
    ill.influxdb.tokens = {TOKEN: Token(reads=frozenset({"home_assistant"}))}
    assert "let INFLUX_TOKEN write into the bucket" in only_failure(ill.examine())


def test_home_assistant_that_hangs(gateway: Patient) -> None:
    with Scripted(is_silent=True) as server:
        outcome = gateway.examine(HEMS_SERVICES_HOMEASSISTANT_PROBE=server.url)
    assert "service homeassistant" in only_failure(outcome)
    assert "balena device logs UUID --service homeassistant" in only_failure(outcome)


def test_a_broker_that_is_away(gateway: Patient) -> None:
    _, text = gateway.examine(HEMS_MQTT_PORT=free_port(None))
    login, readings = failures(text)
    assert "MQTT login" in login
    assert "Connection refused" in login
    assert "see the check MQTT login" in readings


def test_a_supervisord_that_is_dead(ill: Patient) -> None:
    ill.told_s = 60
    _, text = ill.examine()
    units, firewall = failures(text)
    assert "supervisord is dead or hangs" in units
    assert "not known: supervisord does not tell" in firewall


def test_a_unit_that_has_failed(ill: Patient) -> None:
    ill.units[0] = replace(ROW, state="failed", is_healthy=False, reason="exit code 78")
    found = only_failure(ill.examine())
    assert "eesmart-d2l is failed: exit code 78" in found
    assert "do: read why: tail /var/log/hems/eesmart-d2l.log" in found


def test_a_firewall_without_our_rules(ill: Patient) -> None:
    figures = str(FIREWALL | {"slots": {"iptables-legacy filter/DOCKER-USER": False}})
    text = figures.replace("'", '"').replace("True", "true").replace("False", "false")
    ill.units[1] = replace(ill.units[1], figures=text)
    assert "our rules are missing in iptables-legacy filter/DOCKER-USER" in only_failure(
        ill.examine()
    )


def test_work_that_provision_cannot_do(ill: Patient) -> None:
    figures = json.dumps(PROVISION | {"waiting": {"nginx": "File exists"}, "waiting_since": 1.0})
    ill.units[2] = replace(ill.units[2], figures=figures)
    assert "provision nginx: File exists" in only_failure(ill.examine())


def test_a_portal(gateway: Patient) -> None:
    with served(lambda _asked: Reply(b"pay here", status=302)) as port:
        outcome = gateway.examine(HEMS_WATCHDOG_HTTP_URLS=f"http://127.0.0.1:{port}/")
    assert "internet a portal answers" in only_failure(outcome)


def test_names_that_nobody_resolves(gateway: Patient) -> None:
    outcome = gateway.examine(HEMS_WATCHDOG_HTTP_URLS="http://page.invalid/")
    assert "do: look at the DNS server" in only_failure(outcome)


def test_a_meter_that_is_silent(gateway: Patient) -> None:
    gateway.send(3600)
    try:
        assert "sent 60 min ago expected: a reading within 10 min" in only_failure(
            gateway.examine()
        )
    finally:
        gateway.send(5)


def test_a_certificate_of_another_authority(gateway: Patient, tmp_path: Path) -> None:
    another = provisioned(tmp_path)
    shutil.copy(gateway.directory / "gateway/tls/ca.crt", tmp_path / "gateway/tls/ca.crt")
    own = {"HEMS_PROVISION_GATEWAY_DIRECTORY": another.gateway}
    assert "server.crt: it was issued by another CA" in only_failure(gateway.examine(**own))


def test_an_nginx_with_another_certificate(gateway: Patient, tmp_path: Path) -> None:
    another = provisioned(tmp_path)
    own = {"HEMS_PROVISION_GATEWAY_DIRECTORY": another.gateway}
    found = only_failure(gateway.examine(**own))
    assert "TLS not trusted: " in found
    assert "do: restart it" in found


def test_settings_that_make_no_sense_are_told_and_the_rest_is_looked_at(gateway: Patient) -> None:
    code, text = gateway.examine(CONFIG_PASSWORD="short", HEMS_LED_PINS="x", HEMS_FOO_BAR="y")
    found = [one for one in failures(text) if one.startswith("FAILED settings")]
    assert code == 1
    assert len(found) == 2
    assert "ignored: HEMS_FOO_BAR: unknown setting" in " ".join(text.split())
    assert "certificate" in text


def test_without_the_file_of_the_settings_nothing_is_looked_at(gateway: Patient) -> None:
    code, text = gateway.examine(HEMS_CONFIG="/nowhere")
    assert code == 2
    assert "/nowhere: cannot be read" in text


def test_all_peers_hang_and_it_ends_in_time(gateway: Patient) -> None:
    with Scripted(is_silent=True) as one, Scripted(is_silent=True) as two:
        peers = {"HEMS_INFLUXDB_PORT": one.port, "HEMS_MQTT_PORT": two.port}
        peers |= {f"HEMS_SERVICES_{name}_PROBE": one.url for name in ("HOMEASSISTANT", "INFLUXDB")}
        peers |= {"BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{two.port}"}
        peers |= {"HEMS_WATCHDOG_HTTP_URLS": f"{one.url},{two.url}"}
        begun = time.monotonic()
        code, text = gateway.examine(**peers)
    assert time.monotonic() - begun < 20
    assert code == 1
    for name in ("balena", "INFLUX_TOKEN", "MQTT login", "internet", "service influxdb"):
        assert any(f"FAILED {name} " in one for one in failures(text)), text


def test_no_secret_is_shown(gateway: Patient) -> None:
    secrets = {"INFLUX_TOKEN": "a-secret-token", "MQTT_PASSWORD": "a-secret-word"}
    secrets |= {"BALENA_SUPERVISOR_API_KEY": "a-secret-key"}
    _, text = gateway.examine(**secrets)
    assert len(failures(text)) >= 3
    assert not any(one in text for one in [*secrets.values(), TOKEN, KEY, PASSWORD, "a1" * 16])


def test_a_check_that_ignores_every_time_out_is_cut() -> None:
    for_ever = threading.Event()
    begun = time.monotonic()
    checks = [Check("hangs", lambda: [ok(str(for_ever.wait()))]), Check("well", lambda: [ok("")])]
    found = examine(checks, 0.3)
    for_ever.set()
    assert 0.2 < time.monotonic() - begun < 3
    assert [one.level for one in (*found["hangs"], *found["well"])] == [Level.FAILED, Level.OK]
    assert found["hangs"][0].found == "no answer within 0.3 s"
