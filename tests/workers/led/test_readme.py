"""README.md's table of the LEDs says what the code shows."""

import re

from hems.desk.launch import ROOT
from hems.protocols.watchdog_state import Internet
from hems.settings.led import Led as LedSettings
from hems.workers.led.figures import LABELS
from hems.workers.led.meaning import HomeAssistant, Lamp, Seen, shown

ROW = re.compile(r"\| (?:(.+) \((\d+)\) )?\| (.+) \| (.+) \|")
WELL, MINUTES = HomeAssistant.ANSWERS, LedSettings().error_shown_s / 60
ONLINE, SOMEBODY = Internet.ONLINE, "some.logger"
# The meanings in the order of the table: what was seen, and who has logged an error.
MEANINGS = {
    "it answers": (Seen(WELL, ONLINE), ""),
    "its host is reachable, but it does not answer": (Seen(HomeAssistant.SILENT, ONLINE), ""),
    "gone": (Seen(HomeAssistant.GONE, ONLINE), ""),
    "online": (Seen(WELL, ONLINE), ""),
    "a local network only": (Seen(WELL, Internet.LAN_ONLY), ""),
    "a portal wants a login": (Seen(WELL, Internet.PORTAL), ""),
    "no link": (Seen(WELL, Internet.NO_LINK), ""),
    "none": (Seen(WELL, ONLINE), ""),
    f"Home Assistant logged an ERROR or CRITICAL line less than {MINUTES:g} minutes ago": (
        Seen(WELL, ONLINE),
        SOMEBODY,
    ),
    "the watchdog has given up on a service, reboots do not help, or /data cannot be written": (
        Seen(WELL, ONLINE, given_up=("mqtt",)),
        SOMEBODY,
    ),
}


def rows() -> list[tuple[Lamp, str, str]]:
    """Return lamp, pattern and meaning of each row; a lamp stands in the first of its rows."""
    section = (ROOT / "README.md").read_text().partition("\n## The LEDs\n")[2]
    found: list[tuple[Lamp, str, str]] = []
    for line in section.partition("\n## ")[0].strip().splitlines()[2:]:
        match = ROW.fullmatch(line)
        assert match is not None, line
        label, number, pattern, meaning = match.groups()
        lamp = Lamp(int(number)) if number else found[-1][0]
        assert label in {None, LABELS[lamp]}
        found.append((lamp, pattern, meaning))
    return found


def test_the_table_has_every_lamp_and_every_meaning() -> None:
    assert [meaning for *_, meaning in rows()] == list(MEANINGS)
    assert list(dict.fromkeys(lamp for lamp, *_ in rows())) == list(LABELS)


def test_each_row_has_the_pattern_that_is_shown() -> None:
    for lamp, pattern, meaning in rows():
        assert shown(*MEANINGS[meaning])[lamp].pattern.name == pattern, meaning
