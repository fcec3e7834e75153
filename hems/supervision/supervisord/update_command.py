"""`supervisorctl update`: as supervisord's own, but it spares what runs and need not stop."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Callable, Collection, Mapping
from typing import Any

from supervisor.options import split_namespec
from supervisor.supervisorctl import LSBInitExitStatuses
from supervisor.xmlrpc import Faults


class UpdateCommand:
    """`supervisor` and `supervision` are the namespaces of supervisord's XML-RPC."""

    def __init__(self, supervisor: Any, supervision: Any, output: Callable[[str], None]) -> None:
        self._supervisor = supervisor
        self._supervision = supervision
        self._output = output
        self._status = 0
        self._mistakes: dict[str, str] = {}

    def run(self, names: Collection[str]) -> int:
        """Update the groups of these names, or all, and return the exit status.

        Raises xmlrpc.client.Fault.
        """
        [[added, changed, removed]] = self._supervisor.reloadConfig()
        wanted = set() if "all" in names else set(names)
        known = {info["group"] for info in self._supervisor.getAllProcessInfo()} | {*added}
        for name in sorted(wanted - known):
            self._fail(f"ERROR: no such group: {name}", LSBInitExitStatuses.GENERIC)
        for name in removed:
            if not wanted or name in wanted:
                self._remove(name)
        for name in changed:
            if not wanted or name in wanted:
                self._change(name)
        for name in added:
            if not wanted or name in wanted:
                self._supervisor.addProcessGroup(name)
                self._output(f"{name}: added process group")
        self._name_mistakes(wanted)
        return self._status

    def _remove(self, name: str) -> None:
        results = self._supervisor.stopProcessGroup(name)
        self._output(f"{name}: stopped")
        if any(result["status"] == Faults.FAILED for result in results):
            problem = f"{name}: has problems; not removing"
            self._fail(problem, LSBInitExitStatuses.GENERIC)
            return
        self._supervisor.removeProcessGroup(name)
        self._output(f"{name}: removed process group")

    def _change(self, name: str) -> None:
        answer = self._without_plugin("", lambda: self._supervision.updateGroup(name))
        if not answer:
            self._supervisor.stopProcessGroup(name)
            self._supervisor.removeProcessGroup(name)
            self._supervisor.addProcessGroup(name)
            self._output(f"{name}: updated process group")
            return
        plan = json.loads(answer)
        self._mistakes |= plan["kept"]
        if plan["is_whole"]:
            self._output(f"{name}: updated process group")
            return
        for what in ("removed", "updated", "added"):
            for unit in plan[what]:
                self._output(f"{unit}: {what}")
        for unit, mistake in plan["kept"].items():
            text = f"{unit}: ERROR ({mistake}); it keeps its old settings"
            self._fail(text, LSBInitExitStatuses.NOT_RUNNING)

    def _name_mistakes(self, wanted: Collection[str]) -> None:
        """Name the units whose settings are wrong, also those that did not change."""
        units: Mapping[str, Mapping[str, str]] = json.loads(
            self._without_plugin("{}", lambda: self._supervision.getUnits([]))
        )
        for name, unit in units.items():
            is_asked = not wanted or split_namespec(name)[0] in wanted
            if unit["LoadError"] and is_asked and name not in self._mistakes:
                self._fail(f"{name}: ERROR ({unit['LoadError']})", LSBInitExitStatuses.NOT_RUNNING)

    def _without_plugin(self, default: str, call: Callable[[], str]) -> str:
        """Return the answer of a call, or `default` if supervisord runs without the plugin."""
        try:
            return call()
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.UNKNOWN_METHOD:
                raise
            return default

    def _fail(self, problem: str, status: int) -> None:
        self._output(problem)
        self._status = status
