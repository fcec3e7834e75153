import pytest

from hems.desk.check import mounts, settings
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree

TOML = settings.FILE


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
            "      - /run/hems\n",
            "",
            "[telemetry] health_file: /run/hems/health.json is in no",
        ),
        (TOML, '= "/gateway"', '= "/gate"', "[provision] gateway_directory: /gate is in no volume"),
        (TOML, '"/data"        #', '"/etc"  #', "[provision] data_directory: /etc is in no volume"),
        (
            TOML,
            '"/var/log/hems"',
            '"/var/log"',
            "[logs] directory: /var/log is in no tmpfs of hems",
        ),
        (TOML, '"/run/hems/heartbeat"', '"/run/heartbeat"', "is in no tmpfs of wifi-connect"),
    ],
)
def test_a_volume_elsewhere_than_expected_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(fault in line for line in tree.found(mounts.problems, file, old, new))


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(mounts.problems(tree.root)) == []
