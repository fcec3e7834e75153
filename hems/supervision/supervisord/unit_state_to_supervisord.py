"""Give supervisord the state of a unit, and write the change to the journal and the log."""

from __future__ import annotations

import time
from collections.abc import Mapping

from supervisor.states import RUNNING_STATES, ProcessStates

from hems.supervision.settings.unit_spec import UnitType
from hems.supervision.sockets.descriptor_store import DescriptorStore
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.supervised_subprocess import ChildProcess
from hems.supervision.units import dependency_decisions
from hems.supervision.units.unit_phase import (
    ENDING,
    RELOADING,
    RESTING,
    STARTING,
    HealthState,
    UnitPhase,
    active_state,
)
from hems.supervision.units.unit_state_machine import Unit

P = UnitPhase
_STATES = {
    P.DEAD: ProcessStates.STOPPED,
    P.WAITING: ProcessStates.BACKOFF,  # or STARTING if it will start soon
    **dict.fromkeys(STARTING, ProcessStates.STARTING),
    **dict.fromkeys(RELOADING | {P.RUNNING}, ProcessStates.RUNNING),
    P.EXITED: ProcessStates.RUNNING,  # it is up, and so has to be stopped
    P.FAILED: ProcessStates.FATAL,
    P.AUTO_RESTART: ProcessStates.BACKOFF,
}
STATES_WITH_REASON = frozenset({ProcessStates.BACKOFF, ProcessStates.FATAL})


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


def process_state(unit: Unit, units: Mapping[str, Unit], current: int, pid: int) -> int:
    """Return supervisord's state for the unit's phase; `current` is the one before."""
    if unit.phase is P.WAITING and dependency_decisions.is_imminent(unit, units):
        return int(ProcessStates.STARTING)  # `supervisorctl start` waits for it
    if unit.phase in STARTING and unit.spec.type is UnitType.ONESHOT:
        return int(ProcessStates.RUNNING)  # `supervisorctl start` does not wait for its end
    if unit.phase in ENDING:  # to supervisord, a process stops on request only
        return int(ProcessStates.STOPPING) if unit.is_stopped else _still_to_stop(current, pid)
    if unit.has_succeeded:
        return int(ProcessStates.EXITED)
    return int(_STATES[unit.phase])


def _still_to_stop(current: int, pid: int) -> int:
    """Return a state in which supervisord accepts a stop: it calls off the start that follows."""
    if current in RUNNING_STATES:
        return current
    return int(ProcessStates.RUNNING if pid else ProcessStates.BACKOFF)


def log_line(unit: Unit) -> tuple[str, str] | None:
    """Return the level and the text for the unit's phase, None if it is no news."""
    text = f"{unit.state.value}: {unit.reason}" if unit.reason else unit.state.value
    if unit.phase is P.FAILED or unit.is_interrupted:
        return "error", text
    if unit.phase is P.AUTO_RESTART:
        return "warn", text
    if unit.reason or unit.state is HealthState.ACTIVE:
        return "info", text
    return None
