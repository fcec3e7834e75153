"""What the three lamps show; README.md has the same as a table for people on site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from hems.protocols.watchdog_state import Internet
from hems.workers.led.patterns import (
    DOUBLE_BLINK,
    FAST_BLINK,
    FOUR_BLINKS,
    OFF,
    SOLID,
    Pattern,
)


class Lamp(IntEnum):
    """The lamps, by the header's GPIO line."""

    HOME_ASSISTANT = 17
    INTERNET = 27
    ERRORS = 22


class HomeAssistant(StrEnum):
    ANSWERS = "answers"
    SILENT = "reachable but not answering"
    GONE = "gone"


@dataclass(frozen=True)
class Seen:
    """What one look at the peers found.

    `given_up` is what nobody repairs any more, `watchdog_away` why the watchdog was not
    heard (empty: it was).
    """

    home_assistant: HomeAssistant
    internet: Internet
    given_up: tuple[str, ...] = ()
    watchdog_away: str = ""


@dataclass(frozen=True)
class Shown:
    """What a lamp shows, and why."""

    pattern: Pattern
    meaning: str


NOT_SEEN_YET = Shown(OFF, "not known yet")

_HOME_ASSISTANT = {
    HomeAssistant.ANSWERS: SOLID,
    HomeAssistant.SILENT: DOUBLE_BLINK,
    HomeAssistant.GONE: OFF,
}
_INTERNET = {
    Internet.ONLINE: SOLID,
    Internet.LAN_ONLY: DOUBLE_BLINK,
    Internet.PORTAL: FOUR_BLINKS,
    Internet.NO_LINK: OFF,
}


def shown(seen: Seen | None, error: str) -> Mapping[Lamp, Shown]:
    """Return what each lamp shows.

    `seen` is None before the first look at the peers, `error` is who logged an error lately,
    empty if nobody did.
    """
    if seen is None:
        peers = {Lamp.HOME_ASSISTANT: NOT_SEEN_YET, Lamp.INTERNET: NOT_SEEN_YET}
    else:
        peers = {
            Lamp.HOME_ASSISTANT: Shown(_HOME_ASSISTANT[seen.home_assistant], seen.home_assistant),
            Lamp.INTERNET: Shown(_INTERNET[seen.internet], seen.internet),
        }
    given_up = seen.given_up if seen else ()
    return peers | {Lamp.ERRORS: _errors(given_up, error)}


def _errors(given_up: tuple[str, ...], error: str) -> Shown:
    if given_up:
        return Shown(FAST_BLINK, f"given up: {', '.join(given_up)}")
    if error:
        return Shown(SOLID, f"logged by {error}")
    return Shown(OFF, "none")
