import json
from dataclasses import replace

import msgspec

from hems.desk.lamps import lamps
from hems.protocols.watchdog_state import Internet
from hems.supervision.health import Row
from hems.workers.led.errors import Errors
from hems.workers.led.figures import figures
from hems.workers.led.meaning import HomeAssistant, Seen, shown
from tests.fakes.led import FakeLog

LED = Row("led", "notify", "active", "", True, True, "", 0, "", "{}")


def row(seen: Seen, error: str = "") -> Row:
    """Return the worker's row with the figures that it tells."""
    told = figures(shown(seen, error), Errors(FakeLog(), 600), "", 0.0)
    return replace(LED, figures=json.dumps(msgspec.to_builtins(told)))


def test_the_leds_are_drawn_with_what_they_mean() -> None:
    seen = Seen(HomeAssistant.ANSWERS, Internet.LAN_ONLY)
    assert lamps([replace(LED, name="broker"), row(seen)]) == (
        "● Home Assistant: answers  ◐ internet: lan only (double blink)  ○ errors: none"
    )


def test_a_lit_error_says_who() -> None:
    seen = Seen(HomeAssistant.GONE, Internet.NO_LINK)
    assert lamps([row(seen, "a.b")]) == (
        "○ Home Assistant: gone  ○ internet: no link  ● errors: logged by a.b"
    )


def test_before_the_worker_has_told_anything_nothing_is_drawn() -> None:
    assert lamps([LED]) == lamps([]) == ""
