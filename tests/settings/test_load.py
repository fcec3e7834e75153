import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from pytest_mock import MockerFixture

from hems.errors import ConfigError
from hems.settings import SECTIONS, Settings
from hems.settings.eesmart_d2l import EesmartD2lSettings
from hems.settings.iptables_init import IptablesInitSettings
from hems.settings.load import load, read
from hems.settings.watchdog import DEFAULT_SERVICES, ServiceSettings

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"
DEVICE = "011601000001:12341234123412341234123412341234:fc91837fa2bdba1f9fe985452fdb925e"


def problems(path: Path, environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(path, environ)
    assert raised.value.exit_code == 78
    title, *lines = str(raised.value).splitlines()
    assert title.startswith(f"{len(lines)} problem")
    return [line.strip() for line in lines]


def test_etc_lists_every_setting_with_its_default() -> None:
    document = tomllib.loads(ETC.read_text())
    services = document.pop("services")
    assert services == {
        name: msgspec.structs.asdict(service) for name, service in DEFAULT_SERVICES.items()
    }
    assert document == {
        name: {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in msgspec.structs.asdict(struct()).items()
        }
        for name, struct in SECTIONS.items()
    }


def test_etc_explains_every_setting_that_is_not_obvious() -> None:
    bare = {
        line.split()[0] for line in ETC.read_text().splitlines() if re.match(r"\w+ = [^#]+$", line)
    }
    # of [mqtt], and what the first [services.NAME] explains for all of them
    assert bare == {"host", "port", "probe", "patience", "cooldown_s", "give_up_after"}


def test_an_empty_file_means_the_defaults(toml: Path) -> None:
    assert load(toml, {}) == Settings()


def test_the_environment_wins_over_the_file(toml: Path) -> None:
    toml.write_text("[mqtt]\nport = 1\nhost = 'a'")
    settings = load(toml, {"HEMS_MQTT_PORT": "2"})
    assert (settings.mqtt.port, settings.mqtt.host) == (2, "a")


def test_a_file_is_read_again_only_if_it_has_changed(toml: Path, mocker: MockerFixture) -> None:
    parse = mocker.spy(tomllib, "loads")
    for port in (1884, 1885):
        toml.write_text(f"[mqtt]\nport = {port}\nunknown = 1")
        for _ in range(2):
            settings = read(toml, {})
            assert settings.mqtt.port == port
            assert len(settings.problems) == 1
    assert parse.call_count == 2


def test_variables_do_not_last_longer_than_the_call(toml: Path) -> None:
    toml.write_text("[mqtt]\nport = 1\n[led]\nunknown = 1")
    wrong = {"HEMS_MQTT_PORT": "0", "HEMS_UNKNOWN": "1"}
    for environ, port, mistakes in (({"HEMS_MQTT_PORT": "2"}, 2, 1), (wrong, 1, 3), ({}, 1, 1)):
        settings = read(toml, environ)
        assert (settings.mqtt.port, len(settings.problems)) == (port, mistakes)


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        (
            "HEMS_EESMART_D2L_PROXY_ADDRESSES",
            "10.0.0.1, ::1",
            "proxy_addresses",
            ("10.0.0.1", "::1"),
        ),
        ("HEMS_EESMART_D2L_PROXY_ADDRESSES", "", "proxy_addresses", ()),
        (
            "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK",
            "false",
            "require_synchronised_clock",
            False,
        ),
        ("HEMS_EESMART_D2L_IDLE_TIMEOUT_S", "12", "idle_timeout_s", 12.0),
        ("HEMS_EESMART_D2L_UPSTREAM", "vendor.example:7845", "upstream", "vendor.example:7845"),
    ],
)
def test_text_from_the_environment_is_converted(
    toml: Path, variable: str, text: str, name: str, value: object
) -> None:
    assert getattr(load(toml, {variable: text}).eesmart_d2l, name) == value


def test_all_problems_are_listed_in_one_go(toml: Path) -> None:
    toml.write_text("[mqtt]\nporrt = 3\nport = 'x'\n[eesmart_d2l]\nhost = 'foo'\n[mqt]\n")
    lines = problems(
        toml, {"HEMS_MQTT_HOTS": "x", "HEMS_MQTT_PORT": "99999", "D2L_DEVICES": "1:2:3"}
    )
    assert len(lines) == 9
    assert f"{toml}: [mqtt] porrt: unknown setting; did you mean port?" in lines
    assert f"{toml}: [mqtt] port: found 'x', expected a whole number" in lines
    assert f"{toml}: [mqt]: unknown section; did you mean mqtt?" in lines
    assert "HEMS_MQTT_HOTS: unknown setting; did you mean HEMS_MQTT_HOST?" in lines
    assert "HEMS_MQTT_PORT: found '99999', expected a whole number of at most 65535" in lines
    assert "[eesmart_d2l] host: found 'foo', expected an IP address such as 172.18.4.1" in lines


def test_a_variable_like_no_other_gets_the_sections_to_choose_from(toml: Path) -> None:
    (line,) = problems(toml, {"HEMS_FOO_BAR": "1"})
    assert line.startswith(
        "HEMS_FOO_BAR: unknown setting; expected HEMS_ and one of EESMART_D2L, HOME_ASSISTANT, "
    )
    assert "SERVICES_NGINX_REVERSE_PROXY" in line
    assert "PORT" not in line


def test_a_name_like_no_other_gets_the_list_to_choose_from(toml: Path) -> None:
    toml.write_text("[telemetry]\nzzz = 1")
    assert problems(toml, {}) == [
        f"{toml}: [telemetry] zzz: unknown setting; expected one of commands_file, health_file, "
        "home_period_s, period_s"
    ]


def test_a_file_that_cannot_be_parsed_is_one_problem(toml: Path) -> None:
    toml.write_text('[mqtt]\nhost = "broker\n')
    assert problems(toml, {}) == [f"{toml}: line 2: a quote is not closed; add the missing quote"]


def test_a_value_where_a_section_belongs(toml: Path) -> None:
    toml.write_text("mqtt = 3")
    assert problems(toml, {}) == [f"{toml}: mqtt: found a value, expected a table [mqtt]"]


@pytest.mark.parametrize("host", ["", " ", "broker..lan", "bad host", "x" * 64])
def test_a_host_needs_a_name_that_can_be_one(toml: Path, host: str) -> None:
    (line,) = problems(toml, {"HEMS_MQTT_HOST": host})
    assert line == f"[mqtt] host: found {host!r}, expected an IP address or a host name"


@pytest.mark.parametrize(
    "upstream", ["vendor..example:7845", "vendor", "vendor:", "vendor:0", "vendor:70000", ":7845"]
)
def test_an_upstream_needs_a_host_and_a_port(toml: Path, upstream: str) -> None:
    (line,) = problems(toml, {"HEMS_EESMART_D2L_UPSTREAM": upstream})
    assert line == f"[eesmart_d2l] upstream: found '{upstream}', expected host:port, or nothing"


@pytest.mark.parametrize("topic", ["", "a/", "/a", "a+", "#", " a", "a "])
def test_a_topic_has_no_wildcards_and_no_slash_at_its_ends(toml: Path, topic: str) -> None:
    (line,) = problems(toml, {"HEMS_MQTT_BASE_TOPIC": topic})
    assert line.startswith(f"[mqtt] base_topic: found '{topic}', expected a topic")


def test_an_unknown_log_level_gets_the_list(toml: Path) -> None:
    assert problems(toml, {"HEMS_LOGS_LEVEL": "info"}) == [
        "HEMS_LOGS_LEVEL: found 'info', expected one of DEBUG, INFO, WARNING, ERROR"
    ]


def test_the_relay_is_off_by_default() -> None:
    assert EesmartD2lSettings().upstream_address is None
    assert EesmartD2lSettings(upstream="h:7845").upstream_address == ("h", 7845)


def test_variables_of_others_are_none_of_our_business(toml: Path) -> None:
    environ = {"PATH": "/bin", "HEMS_CONFIG": "x", "HEMS_RUN_DIR": "y", "D2L_DEVICES": DEVICE}
    assert load(toml, environ).secrets.d2l_devices[0].id == 11601000001


def test_a_service_keeps_its_defaults_but_for_what_is_set(toml: Path) -> None:
    toml.write_text("[services.mqtt]\npatience = 9")
    settings = load(toml, {"HEMS_SERVICES_NGINX_REVERSE_PROXY_COOLDOWN_S": "5"})
    assert settings.services["mqtt"] == ServiceSettings("tcp://172.18.4.7:1883", patience=9)
    proxy = DEFAULT_SERVICES["nginx-reverse-proxy"]
    changed = msgspec.structs.replace(proxy, cooldown_s=5.0)
    assert settings.services["nginx-reverse-proxy"] == changed


def test_a_user_may_add_a_service_and_override_it(toml: Path) -> None:
    toml.write_text("[services.my-own]\nprobe = 'tcp://10.0.0.1:99'")
    settings = load(toml, {"HEMS_SERVICES_MY_OWN_PATIENCE": "2"})
    assert settings.services["my-own"] == ServiceSettings("tcp://10.0.0.1:99", patience=2)
    assert settings.services.keys() - DEFAULT_SERVICES.keys() == {"my-own"}


def test_an_empty_probe_is_no_mistake(toml: Path) -> None:
    settings = load(toml, {"HEMS_SERVICES_MQTT_PROBE": ""})
    assert settings.services["mqtt"].probe == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[services.x]\npatience = 1",
            "[services.x]: found no probe, expected one such as probe = ",
        ),
        (
            "[services.x]\nprobe = 'https://h/'",
            "[services.x] probe: found 'https://h/', expected http://host:port/path or tcp://host:port",
        ),
        (
            "[services.mqtt]\npatience = 0",
            "patience: found 0, expected a whole number of at least 1",
        ),
        ("[services.mqtt]\npatients = 3", "unknown setting; did you mean patience?"),
        (
            "[services]\nmqtt = 3",
            "found a value, expected a table [services.mqtt]",
        ),
        ("services = 3", "[services]: unknown section"),
        ("[watchdog]\ntcp_targets = ['h']", "tcp_targets: found 'h', expected host:port"),
        ("[watchdog]\nhttp_urls = ['h']", "http_urls: found 'h', expected http://host/path"),
        ("[watchdog]\nicmp_targets = ['h']", "icmp_targets: found 'h', expected an IP address"),
        ("[watchdog]\nreboot_after_max_s = 60", "less than reboot_after_s, expected no less"),
    ],
)
def test_a_mistake_in_the_watchdogs_settings_is_named(toml: Path, text: str, problem: str) -> None:
    toml.write_text(text)
    (line,) = problems(toml, {})
    assert problem in line


def test_a_variable_of_an_unknown_service_is_a_mistake(toml: Path) -> None:
    (line,) = problems(toml, {"HEMS_SERVICES_MQTTT_PATIENCE": "1"})
    assert line.endswith("unknown setting; did you mean HEMS_SERVICES_MQTT_PATIENCE?")


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("MODE", "off", "mode: found 'off', expected one of enforce, report"),
        ("INTERFACE", "wlan 0", "interface: found 'wlan 0', expected up to 15 letters, digits"),
        (
            "HOTSPOT_SUBNET",
            "172.18.0.0/16",
            "hotspot_subnet: found '172.18.0.0/16', expected a subnet that does not overlap",
        ),
        ("DOCKER_SUBNET", "172.18.4", "docker_subnet: found '172.18.4', expected a subnet such as"),
        ("DOCKER_SUBNET", "10.0.0.0/" + "9" * 900, "docker_subnet: found"),
    ],
)
def test_forwarding_rules_that_cannot_work_are_refused(
    toml: Path, variable: str, value: str, problem: str
) -> None:
    (line,) = problems(toml, {f"HEMS_IPTABLES_INIT_{variable}": value})
    assert line.startswith(f"[iptables_init] {problem}")


def test_a_subnets_host_bits_are_cleared() -> None:
    section = IptablesInitSettings(docker_subnet="172.18.4.1/24", hotspot_subnet="10.42.0.1")
    assert str(section.docker_network) == "172.18.4.0/24"
    assert str(section.hotspot_network) == "10.42.0.1/32"


def test_the_longest_time_before_a_reboot_may_be_the_first(toml: Path) -> None:
    settings = load(toml, {"HEMS_WATCHDOG_REBOOT_AFTER_MAX_S": "1800"})
    assert settings.watchdog.reboot_after_max_s == settings.watchdog.reboot_after_s


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1883.5", "mqtt"])
def test_a_port_out_of_range_is_one_line(toml: Path, port: str) -> None:
    (line,) = problems(toml, {"HEMS_MQTT_PORT": port})
    assert line.startswith(f"HEMS_MQTT_PORT: found '{port}', expected a whole number")


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_first_and_the_last_port_are_allowed(toml: Path, port: str) -> None:
    assert load(toml, {"HEMS_MQTT_PORT": port}).mqtt.port == int(port)


@pytest.mark.parametrize("seconds", ["0", "1e-300", "-1"])
def test_no_wait_is_so_short_that_a_loop_has_no_pause(toml: Path, seconds: str) -> None:
    (line,) = problems(toml, {"HEMS_IPTABLES_INIT_PERIOD_S": seconds})
    assert line.endswith("expected a number of at least 0.001")
