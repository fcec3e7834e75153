import configparser
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_mock import MockerFixture

import hems
from dev.launcher import desk_plan
from dev.launcher.desk_environment import environment, overridden
from dev.launcher.desk_plan import Plan, make_plan, simulated_meters
from dev.launcher.desk_supervisord_conf import supervisord_conf
from dev.launcher.simulated_home_options import DeskHome
from dev.simulator.linky_variants import KINDS
from hems.errors import ConfigError
from hems.settings.balena_access import Balena
from hems.settings.load import load
from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.unit_spec import UnitSpec, UnitType
from hems.system.network import link_state

ROOT = Path(hems.__file__).parents[1]
GATEWAY = (ROOT / "etc" / "supervisord.conf").read_text()
KEYS = [(f"{n:032x}", f"{n + 100:032x}") for n in range(10, 14)]
PLAN = Plan(
    root=ROOT,
    run_dir=Path("/run/desk"),
    python=Path("/venv/bin/python"),
    user="1000",
    mosquitto="/usr/sbin/mosquitto",
    mqtt_port=1884,
    mqtt_password="not to be seen",
    d2l_port=7847,
    supervisor_port=48485,
    supervisor_key="nor-this",
    meters=tuple(
        replace(meter, key=key, iv=iv)
        for meter, (key, iv) in zip(simulated_meters(4), KEYS, strict=True)
    ),
    interval_s=2.0,
)


def programs(text: str) -> dict[str, configparser.SectionProxy]:
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";",))
    parser.read_string(text)
    return {name.partition(":")[2]: parser[name] for name in parser.sections() if ":" in name}


def unit(program: configparser.SectionProxy) -> UnitSpec:
    match = re.search('UNIT="(.*)"', program["environment"])
    assert match
    variables = environment(PLAN, {})
    text = re.sub(r"%\(ENV_(\w+)\)s", lambda name: variables[name[1]], match[1])
    return parse(text, UnitSpec("any"))


def test_meters_take_turns_in_their_kind() -> None:
    kinds = [meter.kind for meter in simulated_meters(2 * len(KINDS))]
    assert kinds == 2 * list(KINDS)
    assert kinds[:2] == ["standard", "historique"]


def test_no_two_meters_share_a_name_an_id_or_a_key() -> None:
    for field in ("name", "device_id", "key", "iv"):
        assert len({getattr(meter, field) for meter in PLAN.meters}) == 4


def test_the_gateways_own_file_is_used_word_for_word() -> None:
    assert supervisord_conf(PLAN, GATEWAY).startswith(GATEWAY)


@pytest.mark.parametrize("mosquitto", ["/usr/sbin/mosquitto", None])
def test_no_secret_stands_in_the_file(mosquitto: str | None) -> None:
    text = supervisord_conf(replace(PLAN, mosquitto=mosquitto), GATEWAY)
    for secret in [
        PLAN.mqtt_password,
        PLAN.supervisor_key,
        *(part for pair in KEYS for part in pair),
    ]:
        assert secret not in text


def test_a_plans_repr_shows_no_secret() -> None:
    assert PLAN.mqtt_password not in repr(PLAN)
    assert PLAN.supervisor_key not in repr(PLAN)
    assert KEYS[0][0] not in repr(PLAN)


def test_every_unit_has_directives_that_supervision_understands() -> None:
    by_name = programs(supervisord_conf(PLAN, GATEWAY))
    for name in ("eesmart-d2l", "broker", "meter-1", "meter-4"):
        assert unit(by_name[name]).restart_s < 60, name


def test_the_embedded_broker_tells_when_it_is_ready() -> None:
    by_name = programs(supervisord_conf(replace(PLAN, mosquitto=None), GATEWAY))
    assert unit(by_name["broker"]).type is UnitType.NOTIFY
    assert "dev.simulator broker 127.0.0.1" in by_name["broker"]["command"]


def test_every_simulator_is_forked_from_a_preloaded_package() -> None:
    text = supervisord_conf(replace(PLAN, mosquitto=None), GATEWAY)
    by_name = programs(text)
    preloaded = re.findall("^preload = (.*)$", text, re.MULTILINE)[-1].split(", ")
    for name in ("broker", "balena", "meter-1", "meter-4"):
        interpreter, _, package = by_name[name]["command"].split()[:3]
        assert interpreter == "python"
        assert package in preloaded, name
    assert "hems" in preloaded


def test_a_slow_meter_has_a_patient_watchdog() -> None:
    by_name = programs(supervisord_conf(replace(PLAN, interval_s=600), GATEWAY))
    assert unit(by_name["meter-1"]).watchdog_s > 600 + 30


def test_the_environment_makes_valid_settings_with_every_dongle() -> None:
    environ = environment(PLAN, {"PATH": "/usr/bin"})
    settings = load(Path(environ["HEMS_CONFIG"]), environ)
    assert (settings.mqtt.port, settings.eesmart_d2l.port) == (1884, 7847)
    assert settings.secrets.mqtt_password == PLAN.mqtt_password
    assert settings.secrets.balena == Balena("http://127.0.0.1:48485", "nor-this", 1000001, "desk")
    assert [one.key.hex() for one in settings.secrets.d2l_devices] == [key for key, _ in KEYS]


def test_the_environments_own_python_is_found_first() -> None:
    assert environment(PLAN, {"PATH": "/usr/bin"})["PATH"] == "/venv/bin:/usr/bin"


def test_nothing_that_the_watchdog_asks_is_beyond_the_desk() -> None:
    environ = environment(PLAN, {})
    settings = load(Path(environ["HEMS_CONFIG"]), environ)
    own = settings.watchdog
    probes = [*own.http_urls, *(one.probe for one in settings.services.values() if one.probe)]
    assert len(probes) == 4
    assert {urlsplit(probe).hostname for probe in probes} == {"127.0.0.1"}
    assert own.tcp_targets == own.icmp_targets == ()


def test_a_persons_setting_reaches_the_workers() -> None:
    name = "HEMS_EESMART_D2L_UPSTREAM"
    assert environment(PLAN, {name: "192.0.2.1:7845"})[name] == "192.0.2.1:7845"


def test_a_persons_broker_is_not_the_desks() -> None:
    assert environment(PLAN, {"HEMS_MQTT_HOST": "192.0.2.1"})["HEMS_MQTT_HOST"] == "127.0.0.1"


def test_a_person_is_told_of_variables_that_do_not_count() -> None:
    own = {"HEMS_MQTT_HOST": "192.0.2.1", "HEMS_LED_PINS": "gpio", "D2L_DEVICES": "x", "PATH": "/"}
    assert overridden(environment(PLAN, own), own) == ["HEMS_MQTT_HOST"]


def test_a_persons_settings_file_is_read_from_any_directory() -> None:
    own = {"HEMS_CONFIG": "my.toml"}
    environ = environment(PLAN, own)
    assert environ["HEMS_CONFIG"] == str(Path.cwd() / "my.toml")
    assert overridden(environ, own) == []


@pytest.mark.parametrize("name", ["HEMS_EESMART_D2L_PORT", "HEMS_MQTT_PORT"])
@pytest.mark.parametrize("port", ["abc", "-1", "99999", "20000"])
def test_a_persons_port_is_ignored_whatever_its_value(
    mocker: MockerFixture, name: str, port: str
) -> None:
    mocker.patch.object(desk_plan, "can_listen", return_value=True)
    mocker.patch.object(desk_plan, "free_port", return_value=20_999)
    mocker.patch.dict("os.environ", {name: port})
    plan = make_plan(Path("/run/desk"), 1, 2.0, "embedded", is_check=True)
    environ = environment(plan, {name: port})
    assert (environ[name], overridden(environ, {name: port})) == ("20999", [name])


def test_the_desk_never_touches_the_firewall_of_its_machine() -> None:
    name = "HEMS_IPTABLES_INIT_MODE"
    environ = environment(PLAN, {name: "enforce"})
    assert load(Path(environ["HEMS_CONFIG"]), environ).iptables_init.mode == "report"


def test_provision_writes_into_the_run_directory_and_nowhere_else() -> None:
    environ = environment(PLAN, {"HEMS_PROVISION_GATEWAY_DIRECTORY": "/gateway"})
    own = load(Path(environ["HEMS_CONFIG"]), environ).provision
    assert (own.gateway_directory, own.data_directory) == ("/run/desk/gateway", "/run/desk")


@pytest.mark.parametrize("name", ["eesmart-d2l", "broker"])
def test_who_needs_what_provision_makes_waits_for_it(name: str) -> None:
    assert "provision" in unit(programs(supervisord_conf(PLAN, GATEWAY))[name]).after


def test_a_desk_on_every_address_is_reached_by_loopback() -> None:
    plan = replace(PLAN, listen="0.0.0.0")
    environ = environment(plan, {})
    settings = load(Path(environ["HEMS_CONFIG"]), environ)
    assert (settings.eesmart_d2l.host, settings.mqtt.host) == ("0.0.0.0", "127.0.0.1")


@pytest.mark.parametrize("listen", ["here", "::1", "300.0.0.1", "192.0.2.1", ""])
def test_an_address_that_is_not_this_machines_is_refused(
    mocker: MockerFixture, listen: str
) -> None:
    mocker.patch.object(desk_plan, "can_listen", return_value=False)
    mocker.patch.object(link_state, "addresses", return_value=["127.0.0.1", "10.0.0.3"])
    with pytest.raises(ConfigError, match=r"address of this machine \(127\.0\.0\.1, 10\.0\.0\.3\)"):
        make_plan(Path("/run/desk"), 1, 2.0, "embedded", is_check=True, listen=listen)


def test_localhost_is_the_loopback_address(mocker: MockerFixture) -> None:
    mocker.patch.object(desk_plan, "free_port", return_value=20_999)
    plan = make_plan(Path("/run/desk"), 1, 2.0, "embedded", is_check=True, listen="localhost")
    assert plan.listen == "127.0.0.1"


def test_a_faster_home_reaches_every_meter_and_the_failing_one_is_soon_silent() -> None:
    home = DeskHome(speed=60, begin=1_796_000_000)
    plan = replace(PLAN, meters=simulated_meters(2, home), home=home)
    meters = programs(supervisord_conf(plan, GATEWAY))
    for name in ("meter-1", "meter-2"):
        assert " --begin 1796000000 --speed 60" in meters[name]["command"]
    assert meters["meter-2"]["command"].endswith(" --failing")
    assert environment(plan, {})["HEMS_EESMART_D2L_SILENT_AFTER_S"] == "60"
    assert "HEMS_EESMART_D2L_SILENT_AFTER_S" not in environment(PLAN, {})
