"""Stop all units at once when supervisord ends, in place of its own order by priority.

Each unit stops as soon as none that comes after it is left. Event listeners and FastCGI programs
are no units: they stop after all units, by priority.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from supervisor.states import STOPPED_STATES

from hems.supervision.supervisord.unit_process import UnitProcess


class OrderedStop:
    """The stop of `processes` and of what else `supervisord` runs; `kick` wakes its loop up."""

    def __init__(
        self,
        supervisord: Any,
        processes: Callable[[], Iterable[UnitProcess]],
        kick: Callable[[], None],
    ) -> None:
        self._supervisord = supervisord
        self._kick = kick
        self._processes = processes
        self._later: list[Any] = []  # the groups that supervisord stops itself

    def begin(self, _event: object) -> None:
        """Mark every unit before the first of them acts: supervisord has just begun its stop."""
        now = time.monotonic()
        for process in self._processes():
            process.mark_stopped(now)
        self._later = [group for group in self._supervisord.stop_groups if not _has_unit(group)]
        self._supervisord.stop_groups = []
        self._kick()

    def proceed(self) -> None:
        """Let supervisord stop the rest once no unit is left."""
        states = {process.get_state() for process in self._processes()} if self._later else set()
        if self._later and states <= set(STOPPED_STATES):
            self._supervisord.stop_groups, self._later = self._later, []
            self._kick()


def _has_unit(group: Any) -> bool:
    return any(isinstance(process, UnitProcess) for process in group.processes.values())
