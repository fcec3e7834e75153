from dataclasses import replace

import pytest

from hems.protocols.gateway.watchdog_report import Internet
from hems.workers.led.blink_patterns import (
    DOUBLE_BLINK,
    FAST_BLINK,
    FOUR_BLINKS,
    OFF,
    SOLID,
    Pattern,
)
from hems.workers.led.led_meaning import HomeAssistantState, Lamp, PeerStatus, displays

WELL = PeerStatus(HomeAssistantState.ANSWERS, Internet.ONLINE)


def test_the_lamps_are_on_the_headers_lines() -> None:
    assert {lamp.name: lamp.value for lamp in Lamp} == {
        "HOME_ASSISTANT": 17,
        "INTERNET": 27,
        "ERRORS": 22,
    }


@pytest.mark.parametrize(
    ("home_assistant", "pattern"),
    [
        (HomeAssistantState.ANSWERS, SOLID),
        (HomeAssistantState.SILENT, DOUBLE_BLINK),
        (HomeAssistantState.GONE, OFF),
    ],
)
def test_home_assistant(home_assistant: HomeAssistantState, pattern: Pattern) -> None:
    by_lamp = displays(PeerStatus(home_assistant, Internet.ONLINE), "")
    assert by_lamp[Lamp.HOME_ASSISTANT].pattern is pattern
    assert by_lamp[Lamp.HOME_ASSISTANT].meaning == home_assistant.value


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
    by_lamp = displays(PeerStatus(HomeAssistantState.GONE, internet), "")
    assert by_lamp[Lamp.INTERNET].pattern is pattern


def test_all_is_well() -> None:
    assert [one.pattern for one in displays(WELL, "").values()] == [SOLID, SOLID, OFF]


def test_an_error_lights_the_third_lamp_and_says_who() -> None:
    display = displays(WELL, "homeassistant.components.zha")[Lamp.ERRORS]
    assert (display.pattern, display.meaning) == (SOLID, "logged by homeassistant.components.zha")


def test_a_problem_is_shown_before_an_error() -> None:
    seen = replace(WELL, problems=("the meter is silent", "mqtt does not answer"))
    display = displays(seen, "homeassistant.components.zha")[Lamp.ERRORS]
    assert display.pattern is FAST_BLINK
    assert display.meaning == "the meter is silent; mqtt does not answer"


def test_problems_that_are_not_known_leave_the_lamp_dark_unless_there_is_an_error() -> None:
    seen = replace(WELL, problems=None)
    assert displays(seen, "")[Lamp.ERRORS].meaning == "not known yet"
    assert displays(seen, "some.logger")[Lamp.ERRORS].pattern is SOLID


def test_what_is_not_known_yet_is_dark_but_an_error_counts_at_once() -> None:
    by_lamp = displays(None, "some.logger")
    assert [one.pattern for one in by_lamp.values()] == [OFF, OFF, SOLID]
    assert by_lamp[Lamp.INTERNET].meaning == "not known yet"


def test_the_meaning_of_many_problems_is_short() -> None:
    seen = replace(WELL, problems=("a", "b", "c", "d", "e"))
    assert displays(seen, "")[Lamp.ERRORS].meaning == "a; b; c; and 2 more"
