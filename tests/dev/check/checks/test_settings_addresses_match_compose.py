import pytest

from dev.check import default_settings
from dev.check.checks import settings_addresses_match_compose
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

TOML = default_settings.FILE
BROKER = "services/mqtt/Dockerfile"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (TOML, 'host = "172.18.4.7"', 'host = "172.18.4.3"', "[mqtt]: found 172.18.4.3:1883"),
        (TOML, "port = 1883", "port = 8883", "[mqtt]: found 172.18.4.7:8883, expected"),
        (TOML, '"172.18.4.4"', '"172.18.4.5"', "[eesmart_d2l] proxy_addresses: found 172.18.4.5"),
        (TOML, "port = 8123\ntime", "port = 8124\ntime", "[home_assistant]: found 172.18.4.2:8"),
        (TOML, "home_assistant_port = 8123", "home_assistant_port = 8124", "[led] home_assistant"),
        (TOML, "172.18.4.0/24", "172.18.5.0/24", "[iptables_init] docker_subnet: found 172.18.5"),
        (TOML, "172.18.4.3:8086/h", "172.18.4.2:8086/h", "[services.influxdb] probe: 172.18.4.2"),
        (TOML, "port = 8086", "port = 8087", "[influxdb]: found 172.18.4.3:8087, expected"),
        (TOML, ":8086/health", ":8087/health", "the service does not EXPOSE or publish port 8087"),
        (TOML, "[services.mqtt]", '[services.broker]\nprobe = ""\n[services.mqtt]', "no such"),
        (FILE, "eesmart-d2l:172.18.4.1", "d2l:172.18.4.1", "extra_hosts: expected eesmart-d2l:1"),
        (FILE, "eesmart-d2l:172.18.4.1", "eesmart-d2l:172.18.4.9", "extra_hosts: expected"),
        (TOML, "port = 7846", "port = 7845", "nginx-reverse-proxy publishes host port 7845"),
        (
            BROKER,
            "EXPOSE 1883",
            "EXPOSE 1884",
            "[mqtt]: found 172.18.4.7:1883, expected 172.18.4.7:1884",
        ),
    ],
)
def test_a_setting_that_points_elsewhere_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(
        fault in line
        for line in tree.found(settings_addresses_match_compose.problems, file, old, new)
    )
