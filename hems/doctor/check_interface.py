"""What every check of the doctor gets, a context, and what it returns: findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hems.doctor.repair_commands import RepairCommands
from hems.settings import Settings


@dataclass(frozen=True)
class CheckContext:
    """One gateway; `settings` has another value in place of each wrong one."""

    settings: Settings
    commands: RepairCommands = field(default_factory=RepairCommands)


class Severity(Enum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Finding:
    """Three texts for an operator, without secrets; `expected` and `advice` may be empty.

    Use `ok`, `note` or `failed` to make one.
    """

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
