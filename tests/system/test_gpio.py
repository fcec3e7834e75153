import sys

import pytest
from gpiozero import GPIOPinInUse
from gpiozero.pins.mock import MockFactory, MockPin
from pytest_mock import MockerFixture

from hems.errors import ConfigError, Unavailable
from hems.system.gpio import LampOutputs, header, header_lamps, mock_lamps

LINES = (17, 27, 22)


@pytest.fixture
def factory() -> MockFactory:
    return MockFactory()


def history(pin: MockPin) -> list[bool]:
    return [state.state for state in pin.states]


def test_a_lamp_drives_its_own_line_only(factory: MockFactory) -> None:
    lamps = LampOutputs(LINES, factory)
    pins = {line: factory.pin(line) for line in LINES}
    for is_lit in (True, False, True):
        lamps.set(17, is_lit=is_lit)
    assert history(pins[17]) == [False, True, False, True]
    assert history(pins[27]) == history(pins[22]) == [False]
    lamps.close()


def test_lamps_are_dark_outputs_at_first(factory: MockFactory) -> None:
    lamps = LampOutputs(LINES, factory)
    assert {(factory.pin(line).function, factory.pin(line).state) for line in LINES} == {
        ("output", False)
    }
    lamps.close()


def test_closed_lamps_are_dark_and_their_lines_are_free(factory: MockFactory) -> None:
    lamps = LampOutputs(LINES, factory)
    pins = [factory.pin(line) for line in LINES]
    for line in LINES:
        lamps.set(line, is_lit=True)
    lamps.close()
    for pin in pins:
        assert history(pin) == [False, True, False]
        assert pin.function == "input"
    LampOutputs(LINES, factory).close()


def test_a_line_that_cannot_be_had_gives_the_others_back(factory: MockFactory) -> None:
    pin = factory.pin(17)
    with pytest.raises(GPIOPinInUse, match="GPIO17"):
        LampOutputs((17, 17), factory)
    assert pin.function == "input"


def test_a_desk_has_lamps_too() -> None:
    lamps = mock_lamps(LINES)
    lamps.set(22, is_lit=True)
    lamps.close()


@pytest.mark.parametrize(
    ("labels", "number"),
    [
        ({0: "pinctrl-bcm2711", 1: "raspberrypi-exp-gpio"}, 0),
        ({0: "pinctrl-rp1", 10: "gpio-brcmstb@107d508500"}, 0),
        ({0: "gpio-brcmstb@107d508500", 4: "pinctrl-rp1"}, 4),
        ({0: "'can not open gpiochip'", 2: "pinctrl-bcm2835"}, 2),
    ],
)
def test_the_header_is_found_whatever_its_number(labels: dict[int, str], number: int) -> None:
    assert header(labels) == number


def test_without_a_header_the_message_says_what_was_found() -> None:
    with pytest.raises(Unavailable, match="gpiochip0 is gpio-sim, expected one of pinctrl-rp1"):
        header({0: "gpio-sim"})
    with pytest.raises(Unavailable, match="no /dev/gpiochip"):
        header({})


def test_without_lgpio_the_message_says_what_to_install(mocker: MockerFixture) -> None:
    mocker.patch.dict(sys.modules, {"lgpio": None})
    with pytest.raises(ConfigError, match=r"install hems\[gateway\], or use mock pins"):
        header_lamps(LINES, None)
