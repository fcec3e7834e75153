"""Make units of supervisord's groups: when it starts, and when an update adds and removes them."""

from __future__ import annotations

from typing import Any

from hems.supervision.supervisord import configured_units
from hems.supervision.supervisord.configured_units import ConfiguredUnits
from hems.supervision.supervisord.shared_parts import SharedParts
from hems.supervision.supervisord.socket_activation import SocketActivation
from hems.supervision.supervisord.unit_process import UnitProcess
from hems.supervision.supervisord.unit_table import UnitTable
from hems.supervision.units.unit_state_machine import Unit


class UnitGroups:
    """The groups of `supervisord`, whose plain processes are units."""

    def __init__(
        self,
        supervisord: Any,
        table: UnitTable,
        sockets: SocketActivation,
        shared: SharedParts,
        configured: ConfiguredUnits,
    ) -> None:
        self._supervisord = supervisord
        self._table = table
        self._sockets = sockets
        self._shared = shared
        self._configured = configured

    def adopt_all(self) -> None:
        for group in self._supervisord.process_groups.values():
            self._adopt(group)

    def on_added(self, event: Any) -> None:
        """Handle that supervisord added a group."""
        self._adopt(self._supervisord.process_groups[event.group])
        self._renew()

    def on_removed(self, _event: Any) -> None:
        """Close the sockets of a unit that is gone; an update removes it, and adds it again."""
        self._table.forget()
        self._configured = self._configured.reread(self._supervisord.options)
        self._sockets.keep({*self._table.units(), *self._configured.specs})
        self._renew()

    def _renew(self) -> None:
        """Add the first group again whose mistake another unit has corrected; that adds the next.

        A group with a process that runs stays as it is.
        """
        configs = {one.name: one for one in self._supervisord.options.process_group_configs}
        for process in self._table.processes():
            unit, name = process.unit, process.group.config.name
            if not unit.fault or unit.spec.name in self._configured.faults or name not in configs:
                continue
            if self._supervisord.remove_process_group(name):
                self._supervisord.add_process_group(configs[name])
                return

    def _adopt(self, group: Any) -> None:
        """Replace the processes of a group before any of them has started."""
        self._configured = self._configured.reread(self._supervisord.options)
        for key, plain in list(group.processes.items()):
            if configured_units.is_plain(plain.config):
                name = configured_units.unit_name(group.config, plain.config)
                unit = Unit(self._configured.specs[name], self._configured.faults.get(name, ""))
                sockets = self._sockets.of(name, unit.spec.sockets)
                group.processes[key] = UnitProcess(plain, unit, sockets, self._shared)
                self._sockets.adopt(group.processes[key])
        self._table.forget()
