"""The table of all units: it is built once, and again only after a group came or went.

supervisord's loop asks for it for each process in each round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hems.supervision.supervisord.unit_process import UnitProcess
from hems.supervision.units.unit_state_machine import Unit


class UnitTable:
    """The processes of supervisord's groups that are units, sorted by name, and their units."""

    def __init__(self, supervisord: Any) -> None:
        self._supervisord = supervisord
        self._processes: tuple[UnitProcess, ...] | None = None
        self._units: Mapping[str, Unit] = {}

    def processes(self) -> tuple[UnitProcess, ...]:
        if self._processes is None:
            processes = (
                process
                for group in self._supervisord.process_groups.values()
                for process in group.processes.values()
                if isinstance(process, UnitProcess)
            )
            self._processes = tuple(sorted(processes, key=lambda one: one.unit.spec.name))
            self._units = {process.unit.spec.name: process.unit for process in self._processes}
        return self._processes

    def units(self) -> Mapping[str, Unit]:
        self.processes()
        return self._units

    def forget(self, *_event: object) -> None:
        """Build the table again when it is next needed: a group was added or removed."""
        self._processes = None
