"""Watch the health of all units: the report, the health file and the list of problems."""

from __future__ import annotations

import time
from typing import Any

from supervisor.states import SupervisorStates

from hems.supervision.health import health_row
from hems.supervision.health.health_file import HealthFile
from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.health.problem_list import ProblemList, load_kinds
from hems.supervision.supervisord.plugin_options import PluginOptions
from hems.supervision.supervisord.unit_table import UnitTable


class HealthWatch:
    """The health of the units in `table`; the problems of an earlier supervisord go on."""

    def __init__(self, settings: PluginOptions, table: UnitTable, server_options: Any) -> None:
        self._options = server_options
        self._table = table
        self._encoder = HealthEncoder()
        log = server_options.logger
        self._file = HealthFile(settings.health_file, log.warn)
        kinds = load_kinds(settings.problem_kinds, log.error)
        self._problems = ProblemList(kinds, log.warn, log.info)
        now = time.monotonic()
        for row in self._file.previous(now):
            self._problems.restore(row.name, row.problems, now, time.time())

    def report(self, now: float) -> str:
        """Return the health of every unit at monotonic `now` (s), see health_json.py."""
        units, problems = self._table.units(), self._problems
        return self._encoder.report(
            (
                health_row.row(
                    one.unit, one.main_pid or None, units, problems.of(one.unit.spec.name)
                )
                for one in self._table.processes()
            ),
            now,
        )

    def update(self, now: float) -> None:
        """Update the list of problems and the health file if they are due."""
        if self._options.mood >= SupervisorStates.RUNNING:  # the end is no problem
            self._problems.update(now, time.time(), self._table.units)
        self._file.write(now, self.report)

    def close(self) -> None:
        self._file.close()
