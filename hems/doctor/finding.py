"""What a check has found: well, worth knowing, or wrong with the one thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Finding:
    """In words for an installer; no secret is in them."""

    level: Level
    found: str
    expected: str = ""
    advice: str = ""


def ok(found: str) -> Finding:
    return Finding(Level.OK, found)


def note(found: str, advice: str = "") -> Finding:
    return Finding(Level.NOTE, found, advice=advice)


def failed(found: str, expected: str, advice: str) -> Finding:
    return Finding(Level.FAILED, found, expected, advice)
