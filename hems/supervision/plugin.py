"""systemd's semantics inside supervisord: the plugin that supervisord.conf names.

    [rpcinterface:hems]
    supervisor.rpcinterface_factory = hems.supervision.plugin:make_interface
    notify_socket = /run/hems/notify.sock   ; where workers send sd_notify datagrams
    heartbeat = /run/hems/heartbeat         ; optional, see guard.py
    guard_sec = 30                          ; optional: a supervisord that hangs so long exits
    health_file = /run/hems/health.json     ; optional, see health_file.py
    preload = hems                          ; optional, see preload.py

supervisord calls `make_interface` when its HTTP server is up and before it starts any program.
Every plain program's Subprocess is replaced by a UnitProcess, and two dispatchers enter the loop:
one for notifications, one to wake up. Event listeners and FastCGI programs stay as they are.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from supervisor import events
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.xmlrpc import Faults, RPCError

from hems.errors import ConfigError
from hems.protocols.sd_notify import decode
from hems.supervision import health, options, programs
from hems.supervision.dispatcher import Dispatcher
from hems.supervision.drops import DropLog
from hems.supervision.guard import Guard
from hems.supervision.health_file import HealthFile
from hems.supervision.inbox import Datagram, Inbox
from hems.supervision.options import Options
from hems.supervision.preload import Preload
from hems.supervision.process import UnitProcess
from hems.supervision.units import Unit
from hems.supervision.wakeup import Wakeup


def make_interface(supervisord: Any, **given: str) -> Interface:
    """Build the plugin. A configuration that makes no sense ends supervisord with exit code 78."""
    try:
        settings = options.read(given)
        _check(supervisord.options)
        return Interface(Supervision(supervisord, settings))
    except ConfigError as error:
        _refuse(supervisord.options, str(error), error.exit_code)
    except OSError as error:
        problem = f"[rpcinterface:hems] {error}"
        _refuse(supervisord.options, problem, ConfigError.exit_code)


class Interface:
    """The XML-RPC namespace `hems`: every public method here can be called from outside."""

    def __init__(self, supervision: Supervision) -> None:
        self._supervision = supervision

    def getHealth(self) -> list[dict[str, object]]:  # noqa: N802 - XML-RPC's way
        """Return the health of every unit, sorted by name.

        @return array result  One struct for each unit, see hems.supervision.health.Row
        """
        rows = sorted(self._supervision.health(), key=lambda row: row.name)
        return [health.to_struct(row) for row in rows]

    def resetFailed(self, name: str) -> bool:  # noqa: N802
        """Forget a unit's failure and its past starts.

        @param string name  The unit's name, or `all`
        @return boolean result  Always true unless error
        """
        units = self._supervision.units()
        if name != "all" and name not in units:
            raise RPCError(Faults.BAD_NAME, name)
        for unit in units.values() if name == "all" else [units[name]]:
            unit.reset_failed()
        return True


class Supervision:
    """What lives in one run of supervisord; a reload closes it and makes another."""

    def __init__(self, supervisord: Any, settings: Options) -> None:
        log = supervisord.options.logger
        self._supervisord = supervisord
        self._socket_path = settings.notify_socket
        self._inbox = Inbox(settings.notify_socket)
        self._wakeup = Wakeup()
        self._guard = Guard(settings.guard_s, settings.heartbeat, log.warn)
        self._health_file = HealthFile(settings.health_file, log.warn)
        self._drops = DropLog(log.warn)
        self._preload = _preload(settings.preload, log.error)
        self._alarm = Dispatcher(log.error, self._wakeup.drain, self._before_poll, self._close)
        self._letters = Dispatcher(log.error, self._read_inbox)
        # What an outer service manager said is not meant for the programs.
        for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
            os.environ.pop(name, None)
        for group in supervisord.process_groups.values():
            self._adopt(group)
        asyncore.socket_map[self._wakeup.fileno()] = self._alarm
        asyncore.socket_map[self._inbox.fileno()] = self._letters
        events.subscribe(events.ProcessGroupAddedEvent, self._on_group)
        events.subscribe(events.SupervisorRunningEvent, self._on_running)
        self._wakeup.kick()  # the first round starts the programs: not in a second, now

    def units(self) -> Mapping[str, Unit]:
        return {process.unit.spec.name: process.unit for process in self._processes()}

    def kick(self) -> None:
        self._wakeup.kick()

    def health(self) -> list[health.Row]:
        units, now = self.units(), time.monotonic()
        return [
            health.row(process.unit, process.pid or None, units, now)
            for process in self._processes()
        ]

    def _processes(self) -> Iterator[UnitProcess]:
        for group in self._supervisord.process_groups.values():
            for process in group.processes.values():
                if isinstance(process, UnitProcess):
                    yield process

    def _adopt(self, group: Any) -> None:
        """Replace the processes of a group of which none has been started yet."""
        read = programs.read(self._supervisord.options)
        for key, plain in list(group.processes.items()):
            if programs.is_plain(plain.config):
                name = programs.unit_name(group.config, plain.config)
                unit = Unit(read.specs[name], read.faults.get(name, ""))
                group.processes[key] = UnitProcess(
                    plain, unit, self, self._socket_path, self._preload
                )

    def _on_group(self, event: Any) -> None:
        self._adopt(self._supervisord.process_groups[event.group])

    def _on_running(self, _event: Any) -> None:
        """Belong to the HTTP server, so as to be closed with it."""
        (_config, server), *_ = self._supervisord.options.httpservers
        self._alarm.server = server

    def _before_poll(self) -> None:
        now = time.monotonic()
        self._drops.flush(now)
        deadlines = [process.unit.deadline for process in self._processes()]
        chores = self._guard.beat(now), self._health_file.write(now, self.health)
        self._wakeup.arm(min([*chores, *deadlines]) - now)

    def _read_inbox(self) -> None:
        processes = {process.pid: process for process in self._processes() if process.pid}
        with closing(self._inbox.receive()) as datagrams:
            for datagram in datagrams:
                self._deliver(datagram, processes)

    def _deliver(self, datagram: Datagram, processes: Mapping[int, UnitProcess]) -> None:
        """Hand a datagram to the process that sent it, or in whose group the sender is.

        Anybody of this session may join any group, so there the user has to be the same.
        """
        pid, now = datagram.pid, time.monotonic()
        process = processes.get(pid)
        if process is None:
            process = processes.get(_group(pid))
            if process is not None and datagram.uid not in (0, process.uid):
                process = None
        if process is None:
            self._drops.add(f"notification dropped: pid {pid} belongs to no unit", now)
        elif not datagram.is_whole:
            self._drops.add(f"notification dropped: too long, from pid {pid}", now)
        else:
            message = decode(datagram.data)
            process.notify(message)
            for problem in message.ignored:
                self._drops.add(f"{process.unit.spec.name}: {problem!r} was ignored", now)

    def _close(self) -> None:
        for descriptor in (self._wakeup.fileno(), self._inbox.fileno()):
            asyncore.socket_map.pop(descriptor, None)
        self._wakeup.close()
        self._inbox.close()
        self._guard.close()


def _preload(package: str, log: Callable[[str], None]) -> Preload:
    """Import `package`; if it cannot be, its programs are executed and say themselves why."""
    try:
        return Preload(package)
    except Exception as error:  # noqa: BLE001 - supervisord outlives whatever a worker imports
        log(f"preload = {package}: {type(error).__name__}: {error}; its workers start slowly")
        return Preload("")


def _group(pid: int) -> int:
    """Return the process group of `pid`, 0 when there is none any more."""
    try:
        return os.getpgid(pid) if pid else 0
    except ProcessLookupError:
        return 0


def _check(server_options: Any) -> None:
    if len(server_options.server_configs) != 1:
        raise ConfigError(
            f"[rpcinterface:hems] found {len(server_options.server_configs)} HTTP servers, "
            "expected only [unix_http_server]"
        )
    for fault in programs.read(server_options).faults.values():
        raise ConfigError(fault)


def _refuse(server_options: Any, problem: str, exit_code: int) -> NoReturn:
    """End at once: supervisord would turn an exception into a traceback and its usage."""
    for server in server_options.server_configs:
        if server["family"] == socket.AF_UNIX:
            Path(server["file"]).unlink(missing_ok=True)
    sys.stderr.write(f"{problem}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
