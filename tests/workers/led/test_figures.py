import pytest

from hems.workers.led.errors import Errors
from hems.workers.led.figures import Figures, Light, figures, status
from hems.workers.led.meaning import shown
from tests.fakes.led import ERROR_LINE, FakeLog
from tests.workers.led.test_meaning import WELL

LAMPS = {
    "Home Assistant": Light("solid", "answers"),
    "internet": Light("double blink", "lan only"),
    "errors": Light("off", "none"),
}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            Figures(LAMPS, 0, None, "", ""),
            "Home Assistant: answers, internet: lan only, errors: none",
        ),
        (
            Figures({}, 0, None, "/x: No such file", "its state is old"),
            "no log: /x: No such file, watchdog not heard: its state is old",
        ),
    ],
)
def test_the_status_is_a_line_for_people(told: Figures, line: str) -> None:
    assert status(told) == line


def test_the_figures_tell_lamps_and_errors() -> None:
    errors = Errors(FakeLog([ERROR_LINE] * 3), 600)
    errors.look(1000.0)
    told = figures(shown(WELL, errors.recent(1010.0)), errors, "", 1010.0)
    assert (told.errors, told.last_error_age_s) == (3, 10.0)
    assert told.lamps == {
        "Home Assistant": Light("solid", "answers"),
        "internet": Light("solid", "online"),
        "errors": Light("solid", "logged by homeassistant.components.zha"),
    }
