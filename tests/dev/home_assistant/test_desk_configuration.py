import json
from pathlib import Path

import pytest

from dev import ROOT
from dev.home_assistant import desk_configuration
from hems.errors import ConfigError

SERVICE = ROOT / "services" / "homeassistant"


def test_a_desks_home_assistant_listens_on_this_machine_only(tmp_path: Path) -> None:
    desk_configuration.write(SERVICE, 8124, tmp_path / "defaults")
    http = (tmp_path / "defaults" / desk_configuration.HTTP).read_text()
    store = json.loads(http)["data"]["stable"]
    assert (store["server_host"], store["server_port"]) == (["127.0.0.1"], 8124)
    assert "trusted_proxies" not in store
    assert store["ip_ban_enabled"] is True


def test_only_influxdb_is_missing_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "defaults").mkdir()
    (tmp_path / "defaults" / "old").touch()
    desk_configuration.write(SERVICE, 8123, tmp_path / "defaults")
    own = (SERVICE / "config" / "configuration.yaml").read_text()
    desk = (tmp_path / "defaults" / "configuration.yaml").read_text()
    gone = set(own.splitlines()) - set(desk.splitlines())
    assert {line.split(":")[0] for line in gone if line[:1].isalpha()} == {"influxdb"}
    assert "recorder:" in desk
    assert "logger:" in desk
    assert not (tmp_path / "defaults" / "old").exists()


def test_a_configuration_without_influxdb_is_refused() -> None:
    with pytest.raises(ConfigError, match="found 0 sections influxdb, expected one"):
        desk_configuration.without_influxdb("recorder:\n")
