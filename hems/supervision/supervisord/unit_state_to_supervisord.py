"""Give supervisord the state of a unit, and write the change to the journal and the log."""

from __future__ import annotations

import time

from hems.supervision.sockets.descriptor_store import DescriptorStore
from hems.supervision.supervisord.child_process import ChildProcess
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.supervisord_process_states import (
    STATES_WITH_REASON,
    log_line,
    process_state,
)
from hems.supervision.units.unit_phase import RESTING, UnitPhase, active_state
from hems.supervision.units.unit_state_machine import Unit


class StatePublication:
    """The state of `unit` for its `process`; a unit at rest loses what is in its `store`."""

    def __init__(
        self, unit: Unit, process: ChildProcess, store: DescriptorStore, shared: SharedByUnits
    ) -> None:
        self._unit = unit
        self._process = process
        self._store = store
        self._shared = shared
        self._last = (UnitPhase.DEAD, "")

    def publish(self) -> None:
        """Say what has changed since the last call."""
        unit, process = self._unit, self._process
        before = process.get_state()
        state = process_state(unit, self._shared.units(), before, process.pid)
        if state in STATES_WITH_REASON:
            process.spawnerr = unit.reason
        current = (unit.phase, unit.reason)
        is_news = current != self._last
        if not is_news and state == before:
            return
        self._last = current
        process.change_state(state)
        if is_news:
            self._tell()
        self._shared.wakeup.kick()

    def _tell(self) -> None:
        unit = self._unit
        if unit.phase in RESTING:
            self._store.clear()
        self._shared.journal.add(
            unit.spec.name,
            active_state(unit.phase),
            unit.phase.value,
            unit.reason,
            time.time(),
        )
        if line := log_line(unit):
            self._process.log(*line)
