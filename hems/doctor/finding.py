"""The findings of a check: ok, a note, or failed with advice on the repair."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Finding:
    """Three texts for an operator, without secrets; `expected` and `advice` may be empty."""

    severity: Severity
    found: str
    expected: str = ""
    advice: str = ""


def ok(found: str) -> Finding:
    return Finding(Severity.OK, found)


def note(found: str, advice: str = "") -> Finding:
    return Finding(Severity.NOTE, found, advice=advice)


def failed(found: str, expected: str, advice: str) -> Finding:
    return Finding(Severity.FAILED, found, expected, advice)
