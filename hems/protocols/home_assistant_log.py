"""Home Assistant's log: one entry a line, with tracebacks as raw lines behind an entry.

2026-11-23 08:37:16.991 ERROR (MainThread) [homeassistant.components.mqtt] message

Home Assistant moves the file to `.log.1` at each of its starts and never turns it over by size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ERRORS = frozenset({"ERROR", "CRITICAL"})

_ENTRY = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d)? "
    r"(?P<level>[A-Z]+) \([^)]*\) \[(?P<logger>[^\]]+)\] "
)


@dataclass(frozen=True)
class Entry:
    """The head of an entry; `logger` is the Python module that speaks."""

    level: str
    logger: str

    @property
    def is_error(self) -> bool:
        return self.level in ERRORS


def entry(line: str) -> Entry | None:
    """Return the entry that begins with `line`, None for a line that begins none.

    The level is what stands in the level's column: a message that says ERROR is no error.
    """
    found = _ENTRY.match(line)
    return Entry(found["level"], found["logger"]) if found else None
