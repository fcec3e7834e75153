"""supervisorctl's `health` and `reset-failed`: the plugin that supervisord.conf names.

[ctlplugin:hems]
supervisor.ctl_factory = hems.supervision.ctl:make_plugin

A plugin that cannot be imported breaks all of supervisorctl: import little here.
"""

from __future__ import annotations

import xmlrpc.client
from typing import Any

from supervisor.supervisorctl import ControllerPluginBase, LSBInitExitStatuses
from supervisor.xmlrpc import Faults

from hems.supervision.health import Row, as_json, as_table, from_struct

UNHEALTHY = 3


class Plugin(ControllerPluginBase):  # type: ignore[misc]  # supervisor has no types
    """Commands are the methods named do_COMMAND, their help is their docstring."""

    name = "hems"

    def __init__(self, controller: Any) -> None:
        super().__init__(controller)
        controller.identchars += "-"  # makes cmd.Cmd take `reset-failed` for one word

    def do_health(self, arg: str) -> None:
        """`health [--json] [NAME...]`: show how units are; exit 3 if one is unhealthy."""
        words = arg.split()
        names = [word for word in words if word != "--json"]
        if options := [name for name in names if name.startswith("-")]:
            self._complain(f"unknown option {options[0]}, expected --json")
            return
        rows = self._rows(names)
        if rows is None:
            return
        self.ctl.output(as_json(rows) if "--json" in words else as_table(rows))
        if not all(row.is_healthy for row in rows):
            self.ctl.exitstatus = UNHEALTHY

    def reset_failed(self, arg: str) -> None:
        """`reset-failed NAME|all`: forget failures and past starts."""
        if not arg:
            self._complain("reset-failed needs a unit's name, or all")
        elif self.ctl.upcheck():
            try:
                self.ctl.get_server_proxy("hems").resetFailed(arg)
                self.ctl.output(f"{arg}: reset")
            except xmlrpc.client.Fault as fault:
                self._complain(_explain(fault, arg))

    def _rows(self, names: list[str]) -> list[Row] | None:
        """Ask supervisord; None when it did not answer, or does not know one of `names`."""
        if not self.ctl.upcheck():
            return None
        try:
            structs = self.ctl.get_server_proxy("hems").getHealth()
        except xmlrpc.client.Fault as fault:
            self._complain(_explain(fault))
            return None
        rows = {row.name: row for row in map(from_struct, structs)}
        if unknown := [name for name in names if name not in rows]:
            self._complain(f"no such unit: {', '.join(unknown)}; known: {', '.join(rows)}")
            return None
        return [rows[name] for name in names or rows]

    def _complain(self, problem: str) -> None:
        self.ctl.output(f"ERROR: {problem}")
        self.ctl.exitstatus = LSBInitExitStatuses.GENERIC


# The command's name is no Python name; cmd.Cmd and the help look it up as an attribute.
setattr(Plugin, "do_reset-failed", Plugin.reset_failed)


def make_plugin(controller: Any, **_options: str) -> Plugin:
    return Plugin(controller)


def _explain(fault: xmlrpc.client.Fault, name: str = "") -> str:
    if fault.faultCode == Faults.UNKNOWN_METHOD:
        return "supervisord runs without [rpcinterface:hems]"
    if fault.faultCode == Faults.BAD_NAME:
        return f"no such unit: {name}"
    return fault.faultString
