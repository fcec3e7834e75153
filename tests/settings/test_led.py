from pathlib import Path

import pytest

from hems.errors import ConfigError
from hems.settings.led import Led
from hems.settings.load import load

ETC = Path(__file__).parents[2] / "etc" / "hems.toml"


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("HEMS_LED_PINS", "lgpio", "pins: 'lgpio', expected one of gpio, mock"),
        ("HEMS_LED_CHIP", "-1", "chip: '-1', expected auto or the number of a /dev/gpiochip"),
        ("HEMS_LED_CHIP", "", "chip: '', expected auto or the number of a /dev/gpiochip"),
        (
            "HEMS_LED_HOME_ASSISTANT_HOST",
            "homeassistant",
            "home_assistant_host: 'homeassistant', expected an IPv4 address",
        ),
    ],
)
def test_a_wrong_setting_is_named(variable: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(ETC, {variable: text})
    assert str(raised.value).splitlines()[1:] == [f"  [led] {problem}"]


def test_home_assistant_is_asked_for_a_page_that_needs_no_login() -> None:
    assert Led().home_assistant_url == "http://172.18.4.2:8123/manifest.json"


def test_the_chip_is_found_unless_it_is_given() -> None:
    assert Led().chip_number is None
    assert Led(chip="4").chip_number == 4
