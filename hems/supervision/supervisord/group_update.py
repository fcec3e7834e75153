"""Update one group of supervisord: restart the programs whose settings have changed, and no other.

supervisord itself replaces the whole group. A program that runs and has a mistake in its new
settings goes on with the old ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from supervisor.options import ProcessException, ProcessGroupConfig, make_namespec
from supervisor.states import STOPPED_STATES
from supervisor.xmlrpc import NOT_DONE_YET, Faults, RPCError

from hems.supervision.processes import credentials, user_identity
from hems.supervision.supervisord import deferred_answer
from hems.supervision.supervisord.deferred_answer import Deferred
from hems.supervision.supervisord.groups_become_units import UnitGroups
from hems.supervision.units.unit_phase import RESTING

DELAY_S = 0.05


class UpdatePlan(NamedTuple):
    """The names of processes in a group; `kept` has the mistakes of those that go on as they are.

    `is_whole`: no process stays as it is.
    """

    updated: frozenset[str]
    added: frozenset[str]
    removed: frozenset[str]
    kept: Mapping[str, str]
    is_whole: bool

    @property
    def replaced(self) -> frozenset[str]:
        return self.updated | self.added | self.removed

    def as_json(self, group: str) -> str:
        """Return a JSON object with the names of units in place of those of processes."""
        names = {
            field: sorted(make_namespec(group, name) for name in getattr(self, field))
            for field in ("updated", "added", "removed")
        }
        kept = {make_namespec(group, name): mistake for name, mistake in self.kept.items()}
        return json.dumps({**names, "kept": kept, "is_whole": self.is_whole})


class GroupUpdate:
    """The updates of `groups`; `kick` wakes supervisord's loop up."""

    def __init__(self, groups: UnitGroups, kick: Callable[[], None]) -> None:
        self._groups = groups
        self._kick = kick

    def begin(self, name: str) -> str | Deferred:
        """Stop what has changed in a group, and replace it once that has ended.

        Return an UpdatePlan as JSON; "" for a group that supervisord has to replace as a whole,
        such as event listeners. Raises RPCError.
        """
        group, new = self._groups.current(name), self._groups.new_config(name)
        if group is None or new is None:
            raise RPCError(Faults.BAD_NAME, name)
        if not all(type(one) is ProcessGroupConfig for one in (group.config, new)):
            return ""
        plan = self._plan(group, new)
        ending = [group.processes[one] for one in plan.updated | plan.removed]
        for process in ending:
            if process.get_state() not in STOPPED_STATES:
                process.stop()

        def look() -> Any:
            if self._groups.current(name) is not group:
                raise RPCError(Faults.BAD_NAME, name)
            if not all(process.get_state() in STOPPED_STATES for process in ending):
                return NOT_DONE_YET
            self._groups.replace(group, new, plan.replaced)
            self._kick()
            return plan.as_json(name)

        result: str | Deferred = deferred_answer.answer(look, DELAY_S)
        return result

    def _plan(self, group: Any, new: Any) -> UpdatePlan:
        old = {one.name: one for one in group.config.process_configs}
        wanted = {one.name: one for one in new.process_configs}
        both = old.keys() & wanted.keys()
        changed = frozenset(name for name in both if wanted[name] != old[name])
        kept = {
            name: mistake
            for name in changed
            if group.processes[name].unit.phase not in RESTING
            and (mistake := self._mistake(group, wanted[name]))
        }
        return UpdatePlan(
            changed - kept.keys(),
            frozenset(wanted.keys() - old.keys()),
            frozenset(old.keys() - wanted.keys()),
            kept,
            is_whole=not both - changed and not kept,
        )

    def _mistake(self, group: Any, config: Any) -> str:
        """Return why a program could not start with its new settings, empty if it could."""
        name = make_namespec(group.config.name, config.name)
        if fault := self._groups.configured.faults.get(name):
            return fault
        process = self._groups.configured.specs[name].process
        if fault := user_identity.fault(process.privileges):
            return f"[program:{name}] UNIT: {fault}"
        for path in credentials.missing(process.credentials):
            return f"[program:{name}] UNIT: LoadCredential: found no file {path}"
        try:
            config.make_process(group).get_execv_args()
        except ProcessException as error:
            return f"[program:{name}] command: {error.args[0]}"
        return ""
