from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.settings.led import LedSettings
from hems.settings.load import load

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("HEMS_LED_PINS", "lgpio", "pins: found 'lgpio', expected one of gpio, mock"),
        ("HEMS_LED_CHIP", "-1", "chip: found '-1', expected auto or the number of a /dev/gpiochip"),
        ("HEMS_LED_CHIP", "", "chip: found '', expected auto or the number of a /dev/gpiochip"),
        (
            "HEMS_LED_HOME_ASSISTANT_HOST",
            "homeassistant",
            "home_assistant_host: found 'homeassistant', expected an IPv4 address",
        ),
    ],
)
def test_a_wrong_setting_is_named(variable: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(ETC, {variable: text})
    assert str(raised.value).splitlines()[1:] == [f"  [led] {problem}"]


def test_home_assistant_is_asked_for_a_page_that_needs_no_login() -> None:
    assert LedSettings().home_assistant_url == "http://172.18.4.2:8123/manifest.json"


def test_the_chip_is_detected_unless_it_is_set() -> None:
    assert LedSettings().chip_number is None
    assert LedSettings(chip="4").chip_number == 4
