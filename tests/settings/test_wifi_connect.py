from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.settings.load import load
from hems.settings.wifi_connect import WifiConnect

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"
SSID = "expected 1 to 16 bytes of printable text"


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("SSID", "", f"ssid: '', {SSID}"),
        ("SSID", "é" * 9, f"ssid: 'ééééééééé', {SSID}"),
        ("SSID", "a\tb", f"ssid: 'a\\tb', {SSID}"),
        ("TRY_AFTER_S", "1801", "try_after_s: 1801, expected try_after_max_s (1800) at the most"),
        (
            "FAILURE_PAUSE_S",
            "901",
            "failure_pause_s: 901, expected failure_pause_max_s (900) at the most",
        ),
    ],
)
def test_a_wrong_setting_is_named(variable: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(ETC, {f"HEMS_WIFI_CONNECT_{variable}": text})
    assert str(raised.value).splitlines()[1:] == [f"  [wifi_connect] {problem}"]


def test_a_look_is_not_later_than_the_health_check_allows() -> None:
    with pytest.raises(ConfigError, match="PERIOD_S: found '11': Expected `float` <= 10"):
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
    assert WifiConnect().network_name(device) == name
