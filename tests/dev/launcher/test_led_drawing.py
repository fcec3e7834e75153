import json

import msgspec

from dev.launcher.led_drawing import lamps
from hems.protocols.gateway.watchdog_report import Internet
from hems.supervision.health.health_row import HealthRow
from hems.workers.led.home_assistant_errors import RecentErrors
from hems.workers.led.led_meaning import HomeAssistantState, PeerStatus, displays
from hems.workers.led.led_metrics import metrics
from tests.fakes.led import FakeLog

LED = HealthRow("led", "notify", "active", "", True, True, "", 0, "", "{}")


def row(seen: PeerStatus, error: str = "") -> HealthRow:
    """Return the worker's row with the metrics that it tells."""
    published = metrics(displays(seen, error), RecentErrors(FakeLog(), 600), "", 0.0)
    return LED._replace(metrics=json.dumps(msgspec.to_builtins(published)))


def test_the_leds_are_drawn_with_what_they_mean() -> None:
    seen = PeerStatus(HomeAssistantState.ANSWERS, Internet.LAN_ONLY)
    assert lamps([LED._replace(name="broker"), row(seen)]) == [
        "● Home Assistant: answers",
        "◐ internet: lan only (double blink)",
        "○ errors: none",
    ]


def test_a_lit_error_says_who() -> None:
    seen = PeerStatus(HomeAssistantState.GONE, Internet.NO_LINK)
    assert lamps([row(seen, "a.b")]) == [
        "○ Home Assistant: gone",
        "○ internet: no link",
        "● errors: logged by a.b",
    ]


def test_nothing_is_drawn_before_the_worker_publishes() -> None:
    assert lamps([LED]) == lamps([]) == []
