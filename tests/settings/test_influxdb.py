from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.settings.influxdb import InfluxdbSettings
from hems.settings.load import load


def test_how_long_values_are_kept_is_not_ours_unless_somebody_says_it(toml: Path) -> None:
    assert load(toml, {}).influxdb.retention_s is None
    assert load(toml, {"HEMS_INFLUXDB_RETENTION_DAYS": "0"}).influxdb.retention_s == 0
    assert load(toml, {"HEMS_INFLUXDB_RETENTION_DAYS": "30"}).influxdb.retention_s == 30 * 86400


@pytest.mark.parametrize("host", ["influxdb", "172.18.4.3", ""])
def test_a_host_is_a_name_or_an_address_or_nobody(host: str) -> None:
    assert list(InfluxdbSettings(host=host).problems()) == []


@pytest.mark.parametrize("host", ["http://influxdb", "influxdb:8086", "a b", "é", "a..b", "::1"])
def test_a_url_is_no_host(toml: Path, host: str) -> None:
    with pytest.raises(ConfigError, match="expected a host name or an IPv4 address"):
        load(toml, {"HEMS_INFLUXDB_HOST": host})
