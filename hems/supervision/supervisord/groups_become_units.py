"""Make units of supervisord's groups: when it starts, and when an update adds and removes them."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from hems.supervision.supervisord import configured_units
from hems.supervision.supervisord.configured_units import ConfiguredUnits
from hems.supervision.supervisord.shared_by_units import SharedByUnits
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
        shared: SharedByUnits,
        configured: ConfiguredUnits,
    ) -> None:
        self._supervisord = supervisord
        self._table = table
        self._sockets = sockets
        self._shared = shared
        self._configured = configured

    @property
    def configured(self) -> ConfiguredUnits:
        """Return all units and their mistakes, as supervisord last read them from its file."""
        self._configured = self._configured.reread(self._supervisord.options)
        return self._configured

    def current(self, name: str) -> Any:
        """Return supervisord's group of this name, None if there is none."""
        return self._supervisord.process_groups.get(name)

    def new_config(self, group: str) -> Any:
        """Return the settings of a group as supervisord last read them, None if it is gone."""
        configs = self._supervisord.options.process_group_configs
        return next((one for one in configs if one.name == group), None)

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
        self._close_sockets()
        self._renew()

    def replace(self, group: Any, new: Any, names: Collection[str]) -> None:
        """Give these processes of a group, which do not run, what they have in its `new` settings.

        They may be new or gone. All others keep their settings.
        """
        self._replace(group, new, names)
        self._close_sockets()
        self._renew()

    def _replace(self, group: Any, new: Any, names: Collection[str]) -> None:
        same = {one.name: one for one in group.config.process_configs if one.name not in names}
        configs = [
            same.pop(one.name, one)
            for one in new.process_configs
            if one.name in names or one.name in same
        ]
        for name in names:
            group.processes.pop(name, None)
        group.config = copy.copy(new)  # supervisord compares it with the file
        group.config.process_configs = [*configs, *same.values()]
        for config in new.process_configs:
            if config.name in names:
                config.create_autochildlogs()
                group.processes[config.name] = config.make_process(group)
        self._adopt(group)

    def _renew(self) -> None:
        """Replace the units whose mistake another unit has corrected."""
        faults = self.configured.faults
        for process in self._table.processes():
            unit, group = process.unit, process.group
            new = self.new_config(group.config.name)
            if unit.fault and unit.spec.name not in faults and new is not None:
                key = process.config.name
                if key in {one.name for one in new.process_configs}:
                    self._replace(group, new, {key})

    def _adopt(self, group: Any) -> None:
        """Replace the new processes of a group before any of them has started."""
        configured = self.configured
        for key, plain in list(group.processes.items()):
            if configured_units.is_plain(plain.config) and not isinstance(plain, UnitProcess):
                name = configured_units.unit_name(group.config, plain.config)
                unit = Unit(configured.specs[name], configured.faults.get(name, ""))
                sockets = self._sockets.of(name, unit.spec.sockets)
                group.processes[key] = UnitProcess(plain, unit, sockets, self._shared)
                self._sockets.adopt(group.processes[key])
        self._table.forget()

    def _close_sockets(self) -> None:
        self._sockets.keep({*self._table.units(), *self.configured.specs})
