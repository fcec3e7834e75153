"""Map the state of the peers to what the three lamps show; README.md has the same table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from hems.protocols.gateway.watchdog_report import Internet
from hems.workers.led.blink_patterns import (
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


class HomeAssistantState(StrEnum):
    ANSWERS = "answers"
    SILENT = "reachable but not answering"
    GONE = "gone"


@dataclass(frozen=True)
class PeerStatus:
    """The result of one round of probes.

    `problems` are the titles of the gateway's problems, None if they are not known;
    `watchdog_away` is why there is no fresh report of the watchdog, empty if there is one.
    """

    home_assistant: HomeAssistantState
    internet: Internet
    problems: tuple[str, ...] | None = ()
    watchdog_away: str = ""


@dataclass(frozen=True)
class LampDisplay:
    """The pattern that a lamp shows, and what it means."""

    pattern: Pattern
    meaning: str


SHOWN = 3  # problems in the meaning of the lamp
UNKNOWN = LampDisplay(OFF, "not known yet")

_HOME_ASSISTANT = {
    HomeAssistantState.ANSWERS: SOLID,
    HomeAssistantState.SILENT: DOUBLE_BLINK,
    HomeAssistantState.GONE: OFF,
}
_INTERNET = {
    Internet.ONLINE: SOLID,
    Internet.LAN_ONLY: DOUBLE_BLINK,
    Internet.PORTAL: FOUR_BLINKS,
    Internet.NO_LINK: OFF,
}


def displays(peers: PeerStatus | None, error_logger: str) -> Mapping[Lamp, LampDisplay]:
    """Return what each lamp shows.

    `peers` is None before the first round of probes; `error_logger` is the logger of a recent
    error in Home Assistant, empty if there is none.
    """
    if peers is None:
        home_assistant = internet = UNKNOWN
    else:
        home_assistant = LampDisplay(_HOME_ASSISTANT[peers.home_assistant], peers.home_assistant)
        internet = LampDisplay(_INTERNET[peers.internet], peers.internet)
    return {
        Lamp.HOME_ASSISTANT: home_assistant,
        Lamp.INTERNET: internet,
        Lamp.ERRORS: _errors(peers.problems if peers else None, error_logger),
    }


def _errors(problems: tuple[str, ...] | None, error_logger: str) -> LampDisplay:
    if problems:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        return LampDisplay(FAST_BLINK, f"{'; '.join(problems[:SHOWN])}{more}")
    if error_logger:
        return LampDisplay(SOLID, f"logged by {error_logger}")
    return UNKNOWN if problems is None else LampDisplay(OFF, "none")
