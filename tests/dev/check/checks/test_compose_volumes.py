import pytest

from dev.check import default_settings
from dev.check.checks import compose_volumes
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

TOML = default_settings.FILE


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (FILE, "mosquitto:/mosquitto/data", "mosquitto:/data", "mqtt: volumes: expected mosquitto"),
        (FILE, "influxdb-data:/var/lib/influxdb2", "influxdb-data:/var/lib/influxdb", "influxdb: "),
        (FILE, "influxdb-config:/etc", "influxdb-data:/etc", "influxdb: volumes: expected inf"),
        (FILE, "hass-config:/hass-config:ro", "hass-config:/config:ro", "[led] log_file: /hass-"),
        (FILE, "system-manager:/data", "system-manager:/store", "[watchdog] data_directory: /data"),
        (FILE, "- hass-config:/config\n", "- hass-config:/conf\n", "homeassistant: volumes: exp"),
        (
            FILE,
            "gateway:/gateway:ro",
            "gateway:/gateway",
            "homeassistant: volumes: expected gateway",
        ),
        (
            FILE,
            "      - /var/log/hems\n",
            "",
            "[logs] directory: /var/log/hems is in no tmpfs of hems",
        ),
        (TOML, '= "/gateway"', '= "/gate"', "[provision] gateway_directory: /gate is in no volume"),
        (TOML, '"/data"        #', '"/etc"  #', "[provision] data_directory: /etc is in no volume"),
        (
            TOML,
            '"/var/log/hems"',
            '"/var/log"',
            "[logs] directory: /var/log is in no tmpfs of hems",
        ),
        (TOML, '"/run/hems/heartbeat"', '"/srv/heartbeat"', "is in no tmpfs of wifi-connect"),
    ],
)
def test_a_volume_elsewhere_than_expected_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(fault in line for line in tree.found(compose_volumes.problems, file, old, new))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("- system-manager:/data", "- /var/data:/data", "/var/data:/data: balena has no bind"),
        ("- system-manager:/data", "- ./data:/data", "./data:/data: balena has no bind mounts"),
        ("- mosquitto:/mosquitto/data", "- mosquito:/a", "mosquito:/a: not declared, expected"),
        ("- mosquitto:/mosquitto/data", "- mosquitto", "mosquitto: expected VOLUME:/PATH"),
        ("  mosquitto: {}\n", "  mosquitto: {}\n  spare: {}\n", "spare: no service mounts it"),
        ("  mosquitto: {}", "  mosquitto: {external: true}", "mosquitto: found external, balena"),
        ("- /run/hems\n", "- /run/hems:mode=755\n", "tmpfs: found /run/hems:mode=755, expected"),
    ],
)
def test_a_mount_that_balena_refuses_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    assert any(fault in line for line in tree.found(compose_volumes.problems, FILE, old, new))
