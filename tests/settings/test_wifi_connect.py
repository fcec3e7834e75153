from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.settings.load import load
from hems.settings.wifi_connect import WifiConnectSettings

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"
SSID = "expected 1 to 16 bytes of printable text"


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("SSID", "", f"ssid: found '', {SSID}"),
        ("SSID", "é" * 9, f"ssid: found 'ééééééééé', {SSID}"),
        ("SSID", "x" * 17, f"ssid: found '{'x' * 17}', {SSID}"),
        ("TRY_AFTER_S", "1801", "try_after_s: found 1801, expected at most try_after_max_s (1800)"),
        (
            "FAILURE_PAUSE_S",
            "901",
            "failure_pause_s: found 901, expected at most failure_pause_max_s (900)",
        ),
    ],
)
def test_a_wrong_setting_is_named(variable: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(ETC, {f"HEMS_WIFI_CONNECT_{variable}": text})
    assert str(raised.value).splitlines()[1:] == [f"  [wifi_connect] {problem}"]


@pytest.mark.parametrize(
    ("variable", "text"),
    [("SSID", "x"), ("SSID", "x" * 16), ("TRY_AFTER_S", "1800"), ("FAILURE_PAUSE_S", "900")],
)
def test_the_limit_itself_is_allowed(variable: str, text: str) -> None:
    load(ETC, {f"HEMS_WIFI_CONNECT_{variable}": text})


def test_a_period_longer_than_the_health_check_allows_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="PERIOD_S: found '11', expected a number of at most 10"):
        load(ETC, {"HEMS_WIFI_CONNECT_PERIOD_S": "11"})


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("silent-moon", "HEMS silent-moon"),
        ("", "HEMS"),
        ("a" * 40, "HEMS " + "a" * 27),
        ("a" * 26 + "é", "HEMS " + "a" * 26),  # not half a letter
    ],
)
def test_the_portals_name_ends_with_the_devices(device: str, name: str) -> None:
    assert WifiConnectSettings().network_name(device) == name
