"""Read the notifications of all units, and pass each to the unit whose process sent it."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.outage_log import OutageLog
from hems.supervision.processes import process_tree
from hems.supervision.rate_limited_log import RateLimitedLog
from hems.supervision.settings.notify_access import NotifyAccess, refusal
from hems.supervision.supervisord.event_loop import Dispatcher
from hems.supervision.supervisord.notify_socket import NotifyDatagram, NotifySocket
from hems.supervision.supervisord.unit_process import UnitProcess
from hems.supervision.worker.notification_datagram import decode

BURST, INTERVAL_S = 3, 10.0  # log lines of one kind
MAX_ANCESTORS = 20


class NotificationInbox:
    """The datagrams of `socket` for `processes`, in supervisord's loop."""

    def __init__(
        self,
        socket: NotifySocket,
        processes: Callable[[], Iterable[UnitProcess]],
        server_options: Any,
    ) -> None:
        self._socket = socket
        self._processes = processes
        self._maintained_at = time.monotonic()
        self._options = server_options
        self._log = server_options.logger
        self._warnings = RateLimitedLog(self._log.warn, BURST, INTERVAL_S)
        self._outage = OutageLog("notify_socket", self._log.warn, self._log.info)

    def open(self, on_read: Callable[[], None]) -> None:
        """Call `on_read` whenever there is a notification."""
        self._dispatcher = Dispatcher(self._log.error, on_read)
        asyncore.socket_map[self._socket.fileno()] = self._dispatcher

    def write_pid(self) -> None:
        """Write our pid to the file that locks the socket's path."""
        self._socket.write_pid()

    def close(self) -> None:
        asyncore.socket_map.pop(self._socket.fileno(), None)
        self._socket.close()

    def maintain(self, now: float) -> float:
        """Bind a lost socket again, and write what was dropped, at monotonic `now` (s).

        Return for how long, at most, nobody could reach it since the last call; 0 if it was there.
        """
        last, self._maintained_at = self._maintained_at, now
        self._warnings.flush(now)
        if not self._socket.is_lost:
            return 0.0
        if not self._outage.reason:
            self._outage.begin("somebody has removed its path", now)
        self._bind_again(now)
        return now - last

    def _bind_again(self, now: float) -> None:
        lost = self._socket.fileno()
        self.read()
        with self._outage.watching(now):
            self._socket.bind_again()
            asyncore.socket_map.pop(lost)
            self._options.poller.unregister_readable(lost)
            asyncore.socket_map[self._socket.fileno()] = self._dispatcher

    def read(self) -> None:
        """Handle everything that was sent before this call. Log every exception."""
        processes: Mapping[int, UnitProcess] | None = None
        with closing(self._socket.receive()) as datagrams:
            for datagram in datagrams:
                if processes is None or b"MAINPID=" in datagram.data:
                    processes = _by_pid(self._processes())
                try:
                    self._deliver(datagram, processes)
                except Exception:  # noqa: BLE001 - it would end supervisord
                    self._log.error(f"supervision: {traceback.format_exc()}")

    def _deliver(self, datagram: NotifyDatagram, processes: Mapping[int, UnitProcess]) -> None:
        """Pass a datagram to the unit that its sender belongs to, if that may notify."""
        pid = datagram.pid
        process = processes.get(pid) or _unit_of_member(datagram, processes)
        if process is None:
            self.warn("dropped notification", f"pid {pid} belongs to no unit")
            return
        name = process.unit.spec.name
        if reason := _refusal(process, pid):
            self.warn(f"{name}: dropped notification", f"pid {pid}: {reason}")
        elif not datagram.is_whole:
            self.warn(f"{name}: dropped notification", f"too long, from pid {pid}")
        else:
            self._handle(process, datagram)

    def _handle(self, process: UnitProcess, datagram: NotifyDatagram) -> None:
        message = decode(datagram.data)
        ignored = list(message.ignored)
        try:
            process.notify(message, datagram)
        except (OSError, ValueError) as error:  # such as no room for a descriptor
            ignored.append(str(error))
        for problem in ignored:
            self.warn(f"{process.unit.spec.name}: ignored field", repr(problem))

    def warn(self, kind: str, detail: str) -> None:
        """Log a line, unless there are too many of this kind."""
        self._warnings.add(kind, f"{kind}: {detail}", time.monotonic())


def _by_pid(processes: Iterable[UnitProcess]) -> dict[int, UnitProcess]:
    """Return the units by the pids of their main and control processes."""
    return {pid: one for one in processes for pid in (one.pid, *one.control_pids) if pid}


def _refusal(process: UnitProcess, sender: int) -> str | None:
    access = process.unit.spec.notify_access
    return refusal(access, sender, process.pid, process.control_pids)


def _unit_of_member(
    datagram: NotifyDatagram, processes: Mapping[int, UnitProcess]
) -> UnitProcess | None:
    """Return the unit whose main process has the sender's group, or is or was its ancestor.

    A process may join any group of its session, so a group's sender must have the unit's user.
    """
    pid = datagram.pid
    for _ in range(MAX_ANCESTORS):
        stat = process_tree.stat(pid) if pid else None
        if stat is None:
            return None
        process = processes.get(stat.group)
        if process is not None and datagram.uid in (0, process.uid):
            return process
        if stat.parent in processes:
            return processes[stat.parent]
        if stat.parent == os.getpid():
            return _unit_of_orphan(pid, processes.values())
        pid = stat.parent
    return None


def _unit_of_orphan(pid: int, processes: Iterable[UnitProcess]) -> UnitProcess | None:
    """Return the unit that has left this process behind, such as a daemon that forked twice."""
    candidates = (one for one in processes if one.unit.spec.notify_access is NotifyAccess.ALL)
    return next((one for one in candidates if one.owns_orphan(pid)), None)
