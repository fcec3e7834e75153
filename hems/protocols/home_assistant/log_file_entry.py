"""Decode the lines of Home Assistant's log: one entry a line, tracebacks as lines after it.

2026-11-23 08:37:16.991 ERROR (MainThread) [homeassistant.components.mqtt] message

Home Assistant renames the file to `.log.1` at each start, and never rotates it by size.
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
class LogEntry:
    """The beginning of an entry; `logger` is the Python module that logged it."""

    level: str
    logger: str

    @property
    def is_error(self) -> bool:
        return self.level in ERRORS


def entry(line: str) -> LogEntry | None:
    """Return the entry that begins with `line`, None for a line within an entry.

    Only the column of the level counts: a message that contains ERROR is not an error.
    """
    match = _ENTRY.match(line)
    return LogEntry(match["level"], match["logger"]) if match else None
