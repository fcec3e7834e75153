"""Keep the sockets of all units open, and start a unit at the first connection."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.settings.socket_directives import SocketSettings
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.event_loop import Dispatcher
from hems.supervision.supervisord.unit_process import UnitProcess
from hems.supervision.units.unit_phase import UnitPhase

RETRY_S = 1.0


class SocketActivation:
    """The sockets of one run of supervisord, by unit. `log` writes a line about an error."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._units: dict[str, UnitSockets] = {}
        self._watched: dict[str, list[int]] = {}
        self._closed: dict[str, tuple[UnitProcess, str]] = {}  # which failed for this reason
        self.retry_at = math.inf  # monotonic (s)

    def of(self, name: str, settings: SocketSettings) -> UnitSockets:
        """Return the sockets of a unit; those that its last settings opened stay open."""
        self._unwatch(name)
        sockets = self._units.setdefault(name, UnitSockets(name, settings))
        sockets.update(settings)
        return sockets

    def adopt(self, process: UnitProcess) -> None:
        """Open the sockets of a new process's unit, and wait for connections if it wants that.

        A unit that a connection should start has failed until its sockets can be opened. Any other
        one fails at its start.
        """
        unit, now = process.unit, time.monotonic()
        try:
            process.sockets.open()
        except OSError as error:
            if not unit.spec.is_autostarted:
                reason = f"{error}; it is tried again every {RETRY_S:.0f} s"
                unit.refuse(reason, now)
                self._closed[unit.spec.name] = (process, reason)
                self.retry_at = now + RETRY_S
        else:
            if not unit.spec.is_autostarted:
                self._watch(process)

    def retry(self, now: float) -> None:
        """Try at monotonic `now` (s) to open what could not be opened, if it is due."""
        if now < self.retry_at:
            return
        for name, (process, reason) in list(self._closed.items()):
            try:
                process.sockets.open()
            except OSError:
                continue
            del self._closed[name]
            process.log("info", "its sockets are open now")
            if process.unit.phase is UnitPhase.FAILED and process.unit.reason == reason:
                process.unit.reset_failed()
            self._watch(process)
        self.retry_at = now + RETRY_S if self._closed else math.inf

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
        self._closed.pop(name, None)
        for descriptor in self._watched.pop(name, ()):
            asyncore.socket_map.pop(descriptor, None)
