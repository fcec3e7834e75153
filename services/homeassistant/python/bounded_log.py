"""Bound Home Assistant's log file, whatever somebody sends to it.

Strangers can make Home Assistant log: a line for each untrusted X-Forwarded-For, each malformed
login, each suspicious path. Its file is on the card and never rotates by size. So the warnings and
errors of one logger may fill HOURLY bytes an hour; how many more there were is one line an hour
later. What is below a warning, which only a person turns on, has no such limit, but the file has:
at MAX it becomes NAME.1. The output of the container, which is in memory, stays complete.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "home-assistant.log"
HOUR_S, HOURLY = 3600.0, 32_768  # bytes: several tracebacks
MAX = 10_000_000  # bytes
MAX_LOGGERS = 1000  # of which the limit is known; beyond, they share one


@dataclass
class Share:
    """What one logger has written since `begun` (monotonic s), and how many lines were omitted."""

    begun: float
    written: int = 0
    omitted: int = 0


@dataclass
class Limit:
    """The shares of all loggers."""

    clock: Callable[[], float] = time.monotonic
    _shares: dict[str, Share] = field(default_factory=dict)

    def admits(self, logger: str, size: int) -> tuple[bool, int]:
        """Return whether an entry of `size` bytes may be written, and how many were omitted."""
        now, omitted = self.clock(), 0
        name = logger if logger in self._shares or len(self._shares) < MAX_LOGGERS else ""
        share = self._shares.setdefault(name, Share(now))
        if now - share.begun >= HOUR_S:
            omitted = share.omitted
            share.begun, share.written, share.omitted = now, 0, 0
        if share.written + size > HOURLY and share.written:
            share.omitted += 1
            return False, omitted
        share.written += size
        return True, omitted


def install() -> None:
    """Put the limit in front of the handler of Home Assistant's log file."""
    limit = Limit()
    emit = logging.FileHandler.emit

    def limited(handler: logging.FileHandler, record: logging.LogRecord) -> None:
        if Path(handler.baseFilename).name != FILE:
            emit(handler, record)
            return
        if record.levelno >= logging.WARNING:
            size = len(handler.format(record).encode(errors="replace"))
            is_admitted, omitted = limit.admits(record.name, size)
            if omitted:
                text = f"{omitted} entries of the last hour are not in this file: there were many"
                name = record.name
                emit(handler, logging.LogRecord(name, logging.WARNING, "", 0, text, None, None))
            if not is_admitted:
                return
        emit(handler, record)
        stream = handler.stream
        if isinstance(handler, RotatingFileHandler) and stream and stream.tell() > MAX:
            handler.doRollover()

    setattr(logging.FileHandler, "emit", limited)  # noqa: B010 - mypy allows no assignment
