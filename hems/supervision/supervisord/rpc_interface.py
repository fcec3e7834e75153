"""The calls that the plugin adds to supervisord's XML-RPC."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from supervisor.xmlrpc import NOT_DONE_YET, Faults, RPCError

from hems.supervision.errors import no_such_unit
from hems.supervision.supervisord import deferred_answer
from hems.supervision.supervisord.deferred_answer import Deferred
from hems.supervision.supervisord.groups_become_units import UnitGroups
from hems.supervision.supervisord.unit_table import UnitTable
from hems.supervision.units.state_change_journal import StateJournal

MAX_WAIT_S = 10.0


class XmlRpcInterface:
    """The XML-RPC namespace `supervision`: clients can call every public method."""

    def __init__(
        self,
        table: UnitTable,
        groups: UnitGroups,
        kick: Callable[[], None],
        report: Callable[[float], str],
        journal: StateJournal,
    ) -> None:
        self._table = table
        self._groups = groups
        self._kick = kick
        self._report = report
        self._journal = journal

    def getHealth(self) -> str:  # noqa: N802 - the style of XML-RPC
        """Return the health of every unit, sorted by name.

        @return string result  A report as JSON, see health_json.py
        """
        return self._report(time.monotonic())

    def getUnits(self, names: list[str]) -> str:  # noqa: N802
        """Return the properties of units by systemd's names; of all without their settings.

        @param array names  The units' names, or none for all units
        @return string result  A JSON object of objects, see unit_properties.py
        """
        # Only people ask for it: supervisord is smaller without it.
        from hems.supervision.units import unit_properties  # noqa: PLC0415

        if unknown := [name for name in names if name not in self._table.units()]:
            raise RPCError(Faults.BAD_NAME, no_such_unit(unknown, self._table.units()))
        now, wall = time.monotonic(), time.time()
        properties, faults = {}, self._groups.configured.faults
        for one in self._table.processes():
            name = one.unit.spec.name
            if not names or name in names:
                properties[name] = unit_properties.state(one.unit, one.main_pid, now, wall)
                properties[name] |= unit_properties.load_state(faults.get(name, ""))
            if name in names:
                properties[name] |= unit_properties.settings(one.unit.spec)
        return json.dumps(properties)

    def getChanges(self, after: int) -> str | Deferred:  # noqa: N802
        """Wait for changes of state, MAX_WAIT_S at most.

        @param int after  The number of the last known change; -1: return the last number at once
        @return string result  A JSON object, see state_change_journal.py
        """
        until = time.monotonic() + MAX_WAIT_S

        def look() -> Any:
            is_over = after < 0 or self._journal.since(after) or time.monotonic() >= until
            return self._journal.as_json(after) if is_over else NOT_DONE_YET

        # A change wakes the loop up, which then looks.
        changes: str | Deferred = deferred_answer.answer(look, 0.01)
        return changes

    def updateGroup(self, name: str) -> str | Deferred:  # noqa: N802
        """Update the programs of a group that have changed in the file that was read last.

        @param string name  The name of a process group
        @return string result  A JSON object, see group_update.py
        """
        # As in `getUnits`: most runs of supervisord see no update.
        from hems.supervision.supervisord.group_update import GroupUpdate  # noqa: PLC0415

        return GroupUpdate(self._groups, self._kick).begin(name)

    def reloadUnit(self, name: str) -> bool:  # noqa: N802
        """Let a unit reload its configuration, without an interruption.

        @param string name  The unit's name
        @return boolean result  Always true unless error
        """
        process = next((one for one in self._table.processes() if one.unit.spec.name == name), None)
        if process is None:
            raise RPCError(Faults.BAD_NAME, no_such_unit([name], self._table.units()))
        if problem := process.reload():
            raise RPCError(Faults.FAILED, f"{name}: {problem}")
        return True

    def resetFailed(self, name: str) -> bool:  # noqa: N802
        """Forget the failure and the past starts of a unit.

        @param string name  The unit's name, or `all`
        @return boolean result  Always true unless error
        """
        units = self._table.units()
        if name != "all" and name not in units:
            raise RPCError(Faults.BAD_NAME, no_such_unit([name], self._table.units()))
        for unit in units.values() if name == "all" else [units[name]]:
            unit.reset_failed()
        return True
