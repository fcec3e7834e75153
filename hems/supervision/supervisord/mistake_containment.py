"""Let one unit fail after a mistake in supervision itself, such as an IllegalTransition.

supervisord calls a process's `transition` and `finish` outside of any try: what they raise ends it,
and every unit with it.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from hems.supervision.supervisord.state_machine_commands import CommandExecution
from hems.supervision.units.unit_phase import UnitPhase
from hems.supervision.units.unit_state_machine import Unit


class MistakeContainment:
    """For the `unit` whose commands `execution` carries out."""

    def __init__(self, unit: Unit, execution: CommandExecution) -> None:
        self._unit = unit
        self._execution = execution

    @contextmanager
    def contained(self) -> Iterator[None]:
        """Let no exception through."""
        try:
            yield
        except Exception:  # noqa: BLE001 - see above
            self.break_down()

    def break_down(self) -> None:
        """Kill the unit's processes and let it fail, because of the exception being handled."""
        error, unit = sys.exception(), self._unit
        cause = f"a mistake in supervision: {type(error).__name__}: {error}"
        if unit.phase is UnitPhase.FAILED and unit.reason == cause:
            return  # it happens again in each round
        self._log()
        try:
            for process in self._execution.processes:
                process.kill_processes()
            unit.break_down(cause, time.monotonic())
            self._execution.carry_out()
        except Exception:  # noqa: BLE001 - see above
            self._log()

    def _log(self) -> None:
        main, *_ = self._execution.processes
        main.log("error", f"a mistake in supervision: {traceback.format_exc()}")
