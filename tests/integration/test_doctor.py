"""The real doctor on a gateway with real peers: it names every fault and its cause."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from hems.doctor.check_interface import Severity, ok
from hems.doctor.check_runner import GatewayCheck, run_checks
from tests.deploy.peers import Reply
from tests.fakes.influxdb_state import Token
from tests.integration.balena import KEY
from tests.integration.influxdb import TOKEN, served
from tests.integration.mosquitto import PASSWORD
from tests.integration.patient import (
    FIREWALL,
    METER,
    ROW,
    Patient,
    patient,
    supervisord_socket,
    well,
)
from tests.integration.provision import provisioned
from tests.integration.scripted import Scripted
from tests.required import required
from tests.supervision.health.test_health_table import PROBLEM

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    required("" if os.geteuid() == 0 else "only root listens on port 443")
    with patient(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def ill(gateway: Patient) -> Iterator[Patient]:
    """Yield the gateway for a test to cause a fault on; repair it at the end."""
    yield gateway
    gateway.units, gateway.report_age_s = well(), 1.0
    gateway.influxdb.tokens = {TOKEN: Token(may_all=True)}


def failures(text: str) -> list[str]:
    """Return each failure, with the expectation and the advice, as one line."""
    blocks = re.split(r"\n(?=\S|\n)", text)
    return [" ".join(block.split()) for block in blocks if block.startswith("FAILED")]


def only_failure(outcome: tuple[int, str]) -> str:
    """Return the only failure."""
    code, text = outcome
    (failure,) = failures(text)
    assert code == 1
    assert " expected: " in failure
    assert " do: " in failure
    return failure


def test_nothing_is_wrong_with_a_gateway_that_is_well(gateway: Patient) -> None:
    code, text = gateway.examine()
    assert failures(text) == []
    assert code == 0
    assert text.splitlines()[-1].startswith("no failures; ")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"INFLUX_TOKEN": "another-token"},
            "INFLUX_TOKEN InfluxDB does not know the current",
        ),
        ({"MQTT_PASSWORD": "another"}, "MQTT login the broker .* refuses the login of hems"),
        ({"BALENA_SUPERVISOR_API_KEY": "another"}, "balena .* 401, the key is not valid"),
        ({"HEMS_LED_PINS": "gpio"}, "gpio .* expected: the header of a Raspberry Pi"),
        ({"HEMS_PROVISION_DATA_DIRECTORY": "/nowhere"}, "volumes /nowhere is missing"),
    ],
    ids=["token", "login", "balena", "gpio", "volume"],
)
def test_a_wrong_variable(gateway: Patient, variables: dict[str, str], words: str) -> None:
    code, text = gateway.examine(**variables)
    matching = [failure for failure in failures(text) if re.search(words, failure)]
    assert len(matching) == 1, text
    assert code == 1


def test_a_token_that_may_only_read(ill: Patient) -> None:
    ill.influxdb.tokens = {TOKEN: Token(reads=frozenset({"home_assistant"}))}
    assert "INFLUX_TOKEN may not write into the bucket" in only_failure(ill.examine())


def test_home_assistant_that_hangs(gateway: Patient) -> None:
    with Scripted(is_silent=True) as server:
        outcome = gateway.examine(HEMS_SERVICES_HOMEASSISTANT_PROBE=server.url)
    assert "services homeassistant: " in only_failure(outcome)
    assert "balena device logs UUID --service homeassistant" in only_failure(outcome)


def test_a_broker_that_is_away(gateway: Patient) -> None:
    _, text = gateway.examine(HEMS_MQTT_PORT=free_port(None))
    login, readings = failures(text)
    assert "MQTT login" in login
    assert "Connection refused" in login
    assert "see the check MQTT login" in readings


def test_a_supervisord_that_hangs(ill: Patient) -> None:
    ill.report_age_s = 60
    _, text = ill.examine()
    units, firewall = failures(text)
    assert "supervisord hangs" in units
    assert "not known: no health report" in firewall


def test_a_unit_that_has_failed(ill: Patient) -> None:
    ill.units[0] = ROW._replace(state="failed", is_healthy=False, reason="exit code 78")
    failure = only_failure(ill.examine())
    assert "eesmart-d2l is failed: exit code 78" in failure
    assert "do: read its log: tail /var/log/hems/eesmart-d2l.log" in failure


def test_a_firewall_without_our_rules(ill: Patient) -> None:
    metrics = str(FIREWALL | {"slots": {"iptables-legacy filter/DOCKER-USER": False}})
    text = metrics.replace("'", '"').replace("True", "true").replace("False", "false")
    ill.units[1] = ill.units[1]._replace(metrics=text)
    assert "our rules are missing in iptables-legacy filter/DOCKER-USER" in only_failure(
        ill.examine()
    )


def test_a_problem_of_the_gateways_list(ill: Patient) -> None:
    ill.units[2] = ill.units[2]._replace(problems=(PROBLEM,))
    failure = only_failure(ill.examine())
    assert "problems 0123 is silent: no frame since 08:00" in failure
    assert "do: look at it (family)" in failure


def test_a_portal(gateway: Patient) -> None:
    with served(lambda _request: Reply(b"pay here", status=302)) as port:
        outcome = gateway.examine(HEMS_WATCHDOG_HTTP_URLS=f"http://127.0.0.1:{port}/")
    assert "internet a captive portal answers" in only_failure(outcome)


def test_names_that_nobody_resolves(gateway: Patient) -> None:
    outcome = gateway.examine(HEMS_WATCHDOG_HTTP_URLS="http://page.invalid/")
    assert "do: check the DNS server" in only_failure(outcome)


def test_a_silent_meter_is_a_failure_when_it_is_a_problem(ill: Patient) -> None:
    ill.send(3600)
    try:
        code, text = ill.examine()
        assert (code, failures(text)) == (0, [])
        assert "sent 60 min ago; the gateway still waits" in text
        ill.units[0] = ROW._replace(problems=(PROBLEM._replace(subject=METER),))
        _, text = ill.examine()
        assert "sent 60 min ago expected: a reading within 10 min" in "\n".join(failures(text))
    finally:
        ill.send(5)


def test_a_meter_that_never_sent_is_a_failure_when_it_is_a_problem(ill: Patient) -> None:
    devices = f"{'1' * 12}:{'0' * 32}:{'0' * 32}"
    code, text = ill.examine(D2L_DEVICES=devices)
    assert (code, failures(text)) == (0, [])
    assert f"{'1' * 12} has not sent yet; the gateway still waits" in text
    problem = PROBLEM._replace(name="meter-never-seen", subject="1" * 12)
    ill.units[0] = ROW._replace(problems=(problem,))
    readings = failures(ill.examine(D2L_DEVICES=devices)[1])
    assert any("has not sent yet expected: a reading" in one for one in readings)


def test_a_certificate_of_another_authority(gateway: Patient, tmp_path: Path) -> None:
    another = provisioned(tmp_path)
    shutil.copy(gateway.directory / "gateway/tls/ca.crt", tmp_path / "gateway/tls/ca.crt")
    variables = {"HEMS_PROVISION_GATEWAY_DIRECTORY": another.gateway}
    assert "server.crt: it was issued by another CA" in only_failure(gateway.examine(**variables))


def test_an_nginx_with_another_certificate(gateway: Patient, tmp_path: Path) -> None:
    another = provisioned(tmp_path)
    variables = {"HEMS_PROVISION_GATEWAY_DIRECTORY": another.gateway}
    failure = only_failure(gateway.examine(**variables))
    assert "TLS not trusted: " in failure
    assert "do: restart the service nginx-reverse-proxy" in failure


def test_invalid_settings_are_listed_and_the_rest_is_checked(gateway: Patient) -> None:
    code, text = gateway.examine(CONFIG_PASSWORD="short", HEMS_LED_PINS="x", HEMS_FOO_BAR="y")
    invalid = [failure for failure in failures(text) if failure.startswith("FAILED settings")]
    assert code == 1
    assert len(invalid) == 2
    assert "ignored: HEMS_FOO_BAR: unknown setting" in " ".join(text.split())
    assert "certificate" in text


@pytest.mark.parametrize(
    ("variables", "words", "until_then"),
    [
        (
            {"HEMS_HOME_ASSISTANT_TIME_ZONE": "Mars/Phobos"},
            "[home_assistant] time_zone: found 'Mars/Phobos', expected a name of the tz database",
            "the default is used",
        ),
        (
            {"HEMS_HOME_ASSISTANT_LATITUDE": "9" * 5000},
            "HEMS_HOME_ASSISTANT_LATITUDE: found '99999",
            "the default is used",
        ),
        (
            {"HEMS_HOME_ASSISTANT_LOCATION": "caf\udce9"},
            "HEMS_HOME_ASSISTANT_LOCATION: found 'caf\\xe9', expected text without a byte"
            " that is not UTF-8",
            "the default is used",
        ),
        (
            {"CONFIG_PASSWORD": "hunter2"},
            "CONFIG_PASSWORD has 7 characters, expected at least 8",
            "the previous or generated value is used",
        ),
        (
            {"HEMS_WIFI_CONNECT_PERIOD_S": "nan"},
            "HEMS_WIFI_CONNECT_PERIOD_S: found 'nan', expected a number",
            "its workers do not run until then",
        ),
    ],
    ids=range(5),
)
def test_a_wrong_setting_and_its_consequence(
    gateway: Patient, variables: dict[str, str], words: str, until_then: str
) -> None:
    failure = only_failure(gateway.examine(**variables))
    assert failure.startswith(f"FAILED settings {words}")
    assert "correct or remove the variable" in failure
    assert failure.endswith(until_then)
    assert "hunter2" not in failure


def test_without_hems_toml_one_line_says_so(gateway: Patient) -> None:
    code, text = gateway.examine(HEMS_CONFIG="/nowhere")
    assert code == 2
    assert "/nowhere: cannot be read" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("is_left_over", [False, True], ids=["no socket", "a socket left over"])
def test_without_a_gateway_one_line_says_so(
    gateway: Patient, tmp_path: Path, is_left_over: bool
) -> None:
    if is_left_over:
        with supervisord_socket(tmp_path / "supervisor.sock"):
            pass
    code, text = gateway.examine(HEMS_TELEMETRY_HEALTH_FILE=tmp_path / "health.json")
    assert code == 2
    assert text.startswith(f"no gateway runs: {tmp_path}/supervisor.sock: ")
    assert text.endswith("to start it, restart the service hems in balena's dashboard\n")
    assert text.count("\n") == 1


def test_the_doctor_ends_in_time_when_all_peers_hang(gateway: Patient) -> None:
    with Scripted(is_silent=True) as one, Scripted(is_silent=True) as two:
        peers = {"HEMS_INFLUXDB_PORT": one.port, "HEMS_MQTT_PORT": two.port}
        peers |= {f"HEMS_SERVICES_{name}_PROBE": one.url for name in ("HOMEASSISTANT", "INFLUXDB")}
        peers |= {"BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{two.port}"}
        peers |= {"HEMS_WATCHDOG_HTTP_URLS": f"{one.url},{two.url}"}
        begun = time.monotonic()
        code, text = gateway.examine(**peers)
    assert time.monotonic() - begun < 20
    assert code == 1
    for name in ("balena", "INFLUX_TOKEN", "MQTT login", "internet", "services influxdb:"):
        assert any(f"FAILED {name} " in failure for failure in failures(text)), text


def test_no_secret_is_shown(gateway: Patient) -> None:
    secrets = {"INFLUX_TOKEN": "a-secret-token", "MQTT_PASSWORD": "a-secret-word"}
    secrets |= {"BALENA_SUPERVISOR_API_KEY": "a-secret-key"}
    _, text = gateway.examine(**secrets)
    assert len(failures(text)) >= 3
    assert not any(one in text for one in [*secrets.values(), TOKEN, KEY, PASSWORD, "a1" * 16])


def test_a_check_that_ignores_every_time_out_has_failed() -> None:
    for_ever = threading.Event()
    begun = time.monotonic()
    checks = [
        GatewayCheck("hangs", lambda: [ok(str(for_ever.wait()))]),
        GatewayCheck("well", lambda: [ok("")]),
    ]
    findings = run_checks(checks, 0.3, "again")
    for_ever.set()
    assert 0.2 < time.monotonic() - begun < 3
    assert [one.severity for one in (*findings["hangs"], *findings["well"])] == [
        Severity.FAILED,
        Severity.OK,
    ]
    assert findings["hangs"][0].found == "no answer within 0.3 s"
