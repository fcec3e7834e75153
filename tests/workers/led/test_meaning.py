import pytest

from hems.protocols.watchdog_state import Internet
from hems.workers.led.meaning import HomeAssistant, Lamp, Seen, shown
from hems.workers.led.patterns import (
    DOUBLE_BLINK,
    FAST_BLINK,
    FOUR_BLINKS,
    OFF,
    SOLID,
    Pattern,
)

WELL = Seen(HomeAssistant.ANSWERS, Internet.ONLINE)


def test_the_lamps_are_on_the_headers_lines() -> None:
    assert {lamp.name: lamp.value for lamp in Lamp} == {
        "HOME_ASSISTANT": 17,
        "INTERNET": 27,
        "ERRORS": 22,
    }


@pytest.mark.parametrize(
    ("home_assistant", "pattern"),
    [
        (HomeAssistant.ANSWERS, SOLID),
        (HomeAssistant.SILENT, DOUBLE_BLINK),
        (HomeAssistant.GONE, OFF),
    ],
)
def test_home_assistant(home_assistant: HomeAssistant, pattern: Pattern) -> None:
    found = shown(Seen(home_assistant, Internet.ONLINE), "")
    assert found[Lamp.HOME_ASSISTANT].pattern is pattern
    assert found[Lamp.HOME_ASSISTANT].meaning == home_assistant.value


@pytest.mark.parametrize(
    ("internet", "pattern"),
    [
        (Internet.ONLINE, SOLID),
        (Internet.LAN_ONLY, DOUBLE_BLINK),
        (Internet.PORTAL, FOUR_BLINKS),
        (Internet.NO_LINK, OFF),
    ],
)
def test_internet(internet: Internet, pattern: Pattern) -> None:
    found = shown(Seen(HomeAssistant.GONE, internet), "")
    assert found[Lamp.INTERNET].pattern is pattern


def test_all_is_well() -> None:
    assert [one.pattern for one in shown(WELL, "").values()] == [SOLID, SOLID, OFF]


def test_an_error_lights_the_third_lamp_and_says_who() -> None:
    found = shown(WELL, "homeassistant.components.zha")[Lamp.ERRORS]
    assert (found.pattern, found.meaning) == (SOLID, "logged by homeassistant.components.zha")


def test_what_was_given_up_is_shown_before_an_error() -> None:
    seen = Seen(HomeAssistant.ANSWERS, Internet.ONLINE, given_up=("mqtt", "influxdb"))
    found = shown(seen, "homeassistant.components.zha")[Lamp.ERRORS]
    assert (found.pattern, found.meaning) == (FAST_BLINK, "given up: mqtt, influxdb")


def test_what_is_not_known_yet_is_dark_but_an_error_counts_at_once() -> None:
    found = shown(None, "some.logger")
    assert [one.pattern for one in found.values()] == [OFF, OFF, SOLID]
    assert found[Lamp.INTERNET].meaning == "not known yet"
