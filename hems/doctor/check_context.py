"""The context of every check: the settings, the problems with them, and the repair commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from hems.doctor.repair_commands import RepairCommands
from hems.settings import Settings


@dataclass(frozen=True)
class CheckContext:
    """One gateway; `settings` has another value in place of each wrong one."""

    settings: Settings
    commands: RepairCommands = field(default_factory=RepairCommands)
