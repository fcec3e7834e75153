"""Choose the lines of one program's output that are kept: by level, and so many in a time.

A line may begin with its level as `<N>` (sd-daemon(3)); the level's name takes its place. The limit
counts as systemd-journald does: it keeps the first lines of an interval, and counts the others. The
count is written before the first line of the next interval, or at the end.
"""

from __future__ import annotations

import math
import re

from hems.supervision.settings.log_directives import LogLevel, LogSettings

MAX_LINE = 48 * 1024  # bytes; a longer line is cut into several, as with LineMax= of journald
_PREFIX = re.compile(rb"<([0-7])>")


class LogFilter:
    """Pass bytes in, get the kept lines. Times are monotonic seconds."""

    def __init__(self, settings: LogSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._rest = b""  # a line whose end has not come yet
        self._begun_at = -math.inf
        self._kept = 0
        self._suppressed = 0

    def receive(self, data: bytes, now: float) -> bytes:
        """Return the lines to write, which are complete."""
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        while len(self._rest) > MAX_LINE:
            whole, newline = whole + newline + self._rest[:MAX_LINE], b"\n"
            self._rest = self._rest[MAX_LINE:]
        return self._lines(whole + newline, now)

    def end(self, now: float) -> bytes:
        """Return what is left when the output has ended: an unfinished line, the last count."""
        rest, self._rest = self._rest, b""
        return self._lines(rest + b"\n" if rest else b"", now) + self._report()

    def _lines(self, data: bytes, now: float) -> bytes:
        """Return what is kept of complete lines."""
        if not (self._settings.has_prefix and (data.startswith(b"<") or b"\n<" in data)):
            return self._keep(data, self._settings.level, now)  # all at once: it may be a flood
        kept = []
        for line in data.split(b"\n")[:-1]:
            level, text = self._settings.level, line
            if prefix := _PREFIX.match(line):
                level = LogLevel(int(prefix[1]))
                text = level.name.encode() + b": " + line[prefix.end() :]
            kept.append(self._keep(text + b"\n", level, now))
        return b"".join(kept)

    def _keep(self, lines: bytes, level: LogLevel, now: float) -> bytes:
        """Return what is kept of lines with one level."""
        if not lines or level > self._settings.level_max:
            return b""
        if not (self._settings.limit_burst and self._settings.limit_interval_s):
            return lines
        report = self._begin(now)
        count, room = lines.count(b"\n"), self._settings.limit_burst - self._kept
        if count > room:
            self._suppressed += count - room
            lines = b"".join(line + b"\n" for line in lines.split(b"\n", room)[:room])
        self._kept += min(count, room)
        return report + lines

    def _begin(self, now: float) -> bytes:
        """Begin the next interval if this one is over; return the count of what it suppressed."""
        if now < self._begun_at + self._settings.limit_interval_s:
            return b""
        self._begun_at, self._kept = now, 0
        return self._report()

    def _report(self) -> bytes:
        count, self._suppressed = self._suppressed, 0
        return f"Suppressed {count} messages from {self._name}\n".encode() if count else b""
