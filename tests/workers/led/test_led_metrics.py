import pytest

from hems.workers.led.home_assistant_errors import RecentErrors
from hems.workers.led.led_meaning import displays
from hems.workers.led.led_metrics import LampMetrics, LedMetrics, metrics, status
from tests.fakes.led import ERROR_LINE, FakeLog
from tests.workers.led.test_led_meaning import WELL

LAMPS = {
    "Home Assistant": LampMetrics("solid", "answers"),
    "internet": LampMetrics("double blink", "lan only"),
    "errors": LampMetrics("off", "none"),
}


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            LedMetrics(LAMPS, 0, None, "", ""),
            "Home Assistant: answers, internet: lan only, errors: none",
        ),
        (
            LedMetrics({}, 0, None, "/x: No such file", "its report is old"),
            "no log: /x: No such file, the watchdog is away: its report is old",
        ),
    ],
)
def test_the_status_is_a_line_for_people(values: LedMetrics, line: str) -> None:
    assert status(values) == line


def test_the_metrics_tell_lamps_and_errors() -> None:
    errors = RecentErrors(FakeLog([ERROR_LINE] * 3), 600)
    errors.read(1000.0)
    published = metrics(displays(WELL, errors.recent_logger(1010.0)), errors, "", 1010.0)
    assert (published.errors, published.last_error_age_s) == (3, 10.0)
    assert published.lamps == {
        "Home Assistant": LampMetrics("solid", "answers"),
        "internet": LampMetrics("solid", "online"),
        "errors": LampMetrics("solid", "logged by homeassistant.components.zha"),
    }
