"""Keep the sockets of all units open, and start a unit at the first connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.settings.socket_directives import SocketSettings
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.event_loop import Dispatcher
from hems.supervision.supervisord.unit_process import UnitProcess


class SocketActivation:
    """The sockets of one run of supervisord, by unit. `log` writes a line about an error."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._units: dict[str, UnitSockets] = {}
        self._watched: dict[str, list[int]] = {}

    def of(self, name: str, settings: SocketSettings) -> UnitSockets:
        """Return the sockets of a unit; those that its last settings opened stay open."""
        self._unwatch(name)
        sockets = self._units.setdefault(name, UnitSockets(name, settings))
        sockets.update(settings)
        return sockets

    def adopt(self, process: UnitProcess) -> None:
        """Open the sockets of a new process's unit, and wait for connections if it wants that.

        A unit whose sockets cannot be opened is started: then it fails, and is tried again.
        """
        spec = process.unit.spec
        try:
            process.sockets.open()
        except OSError:
            process.unit.start(time.monotonic())
        else:
            if not spec.is_autostarted:
                self._watch(process)

    def keep(self, names: Collection[str]) -> None:
        """Close the sockets of all units but `names`."""
        for name in [name for name in self._units if name not in names]:
            self._unwatch(name)
            self._units.pop(name).close()

    def _watch(self, process: UnitProcess) -> None:
        def start() -> None:
            if process.is_on_demand:  # another socket may have started it in this round
                process.spawn()

        waiter = Dispatcher(self._log, start, is_awaited=lambda: process.is_on_demand)
        descriptors = [descriptor for _, descriptor in process.sockets.descriptors()]
        self._watched[process.unit.spec.name] = descriptors
        asyncore.socket_map.update(dict.fromkeys(descriptors, waiter))

    def _unwatch(self, name: str) -> None:
        for descriptor in self._watched.pop(name, ()):
            asyncore.socket_map.pop(descriptor, None)
