"""README.md's table of the LEDs says what the code shows."""

import re

from dev import ROOT
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings.led import LedSettings
from hems.workers.led.led_meaning import HomeAssistantState, Lamp, PeerStatus, displays
from hems.workers.led.led_metrics import LABELS

ROW = re.compile(r"\| (?:(.+) \((\d+)\) )?\| (.+) \| (.+) \|")
WELL, MINUTES = HomeAssistantState.ANSWERS, LedSettings().error_shown_s / 60
ONLINE, SOMEBODY = Internet.ONLINE, "some.logger"
# The meanings in the order of the table: what was seen, and who has logged an error.
MEANINGS = {
    "it answers": (PeerStatus(WELL, ONLINE), ""),
    "its host is reachable, but it does not answer": (
        PeerStatus(HomeAssistantState.SILENT, ONLINE),
        "",
    ),
    "gone": (PeerStatus(HomeAssistantState.GONE, ONLINE), ""),
    "online": (PeerStatus(WELL, ONLINE), ""),
    "a local network only": (PeerStatus(WELL, Internet.LAN_ONLY), ""),
    "a portal wants a login": (PeerStatus(WELL, Internet.PORTAL), ""),
    "no link": (PeerStatus(WELL, Internet.NO_LINK), ""),
    "none": (PeerStatus(WELL, ONLINE), ""),
    f"Home Assistant logged an ERROR or CRITICAL line less than {MINUTES:g} minutes ago": (
        PeerStatus(WELL, ONLINE),
        SOMEBODY,
    ),
    "a person has to act: Home Assistant's page Home lists the problems": (
        PeerStatus(WELL, ONLINE, ("a unit has failed",)),
        SOMEBODY,
    ),
}


def rows() -> list[tuple[Lamp, str, str]]:
    """Return lamp, pattern and meaning of each row; only the first row of a lamp names it."""
    section = (ROOT / "README.md").read_text().partition("\n## The LEDs\n")[2]
    table: list[tuple[Lamp, str, str]] = []
    for line in section.partition("\n## ")[0].strip().splitlines()[2:]:
        match = ROW.fullmatch(line)
        assert match is not None, line
        label, number, pattern, meaning = match.groups()
        lamp = Lamp(int(number)) if number else table[-1][0]
        assert label in {None, LABELS[lamp]}
        table.append((lamp, pattern, meaning))
    return table


def test_the_table_has_every_lamp_and_every_meaning() -> None:
    assert [meaning for *_, meaning in rows()] == list(MEANINGS)
    assert list(dict.fromkeys(lamp for lamp, *_ in rows())) == list(LABELS)


def test_each_row_has_the_pattern_that_is_shown() -> None:
    for lamp, pattern, meaning in rows():
        assert displays(*MEANINGS[meaning])[lamp].pattern.name == pattern, meaning
