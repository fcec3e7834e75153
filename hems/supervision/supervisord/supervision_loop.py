"""Supervise all units: what a run of supervisord needs, and what happens in each of its rounds."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from supervisor import events
from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.processes import (
    credentials,
    process_tree,
    resource_limits,
    run_members,
)
from hems.supervision.supervisord import (
    configured_units,
    plugin_options,
    start_rpc_methods,
    startup_exit,
)
from hems.supervision.supervisord.configured_units import ConfiguredUnits
from hems.supervision.supervisord.container_exit import ContainerExit
from hems.supervision.supervisord.event_loop import Dispatcher, Wakeup
from hems.supervision.supervisord.groups_become_units import UnitGroups
from hems.supervision.supervisord.hang_guard import HangGuard
from hems.supervision.supervisord.health_watch import HealthWatch
from hems.supervision.supervisord.loop_event_order import LoopRound
from hems.supervision.supervisord.nonblocking_logs import NonblockingLogs
from hems.supervision.supervisord.notification_inbox import NotificationInbox
from hems.supervision.supervisord.notify_socket import NotifySocket
from hems.supervision.supervisord.plugin_options import PluginOptions
from hems.supervision.supervisord.rpc_interface import XmlRpcInterface
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.socket_activation import SocketActivation
from hems.supervision.supervisord.stop_all_at_shutdown import OrderedStop
from hems.supervision.supervisord.unit_table import UnitTable
from hems.supervision.units.state_change_journal import StateJournal
from hems.supervision.worker import listen_sockets

NOTABLE_S = 1.0  # shorter delays are not logged, such as the start of many units


def build(supervisord: Any, options: Mapping[str, str]) -> XmlRpcInterface:
    """Return the calls for XML-RPC. Raises InvalidConfiguration and OSError."""
    settings = plugin_options.read(options)
    supervision = Supervision(supervisord, settings, _checked(supervisord.options))
    return supervision.interface()


class Supervision:
    """The supervision of all units in one run of supervisord; a reload replaces it."""

    def __init__(
        self, supervisord: Any, settings: PluginOptions, configured: ConfiguredUnits
    ) -> None:
        options = supervisord.options
        self._supervisord = supervisord
        self._logs = NonblockingLogs(options)
        self._table = UnitTable(supervisord)
        self._journal = StateJournal()
        self._exit = ContainerExit(options, self._table.processes)
        notify_socket = NotifySocket(settings.notify_socket)  # this refuses a second supervisord
        credentials.begin_empty(settings.notify_socket.parent)
        self._guard = HangGuard(settings.guard_s, settings.heartbeat, options.logger.warn)
        self._wakeup = Wakeup(self._guard.tick, self._guard.tick_s)
        self._wakeup.arm(self._guard.beat(time.monotonic()) - time.monotonic())
        self._health = HealthWatch(settings, self._table, options)
        self._inbox = NotificationInbox(notify_socket, self._table.processes, options)
        self._round = LoopRound(supervisord, self._hear, self._postpone)
        self._sockets = SocketActivation(options.logger.error)
        shared = self._shared_by_units(settings)
        self._groups = UnitGroups(supervisord, self._table, self._sockets, shared, configured)
        self._stop = OrderedStop(supervisord, self._table.processes, self._wakeup.kick)
        _forget_outer_manager()
        self._groups.adopt_all()
        self._join_loop()

    def interface(self) -> XmlRpcInterface:
        """Return the calls for XML-RPC."""
        return XmlRpcInterface(
            self._table, self._groups, self._wakeup.kick, self._health.report, self._journal
        )

    def _shared_by_units(self, settings: PluginOptions) -> SharedByUnits:
        """Return what all processes share, with the packages loaded."""
        packages = None
        if settings.preload:  # supervisord is smaller without it
            from hems.supervision.processes import preload  # noqa: PLC0415

            packages = preload.PreloadedPackages(self._supervisord.options.logger.error)
            packages.load_all(settings.preload, self._guard.interrupting)
        return SharedByUnits(
            self._table.units,
            self._round.begin,
            self._inbox.read,
            self._wakeup,
            settings.notify_socket,
            packages,
            credentials.given(),
            resource_limits.protect_supervisor(),
            self._logs,
            self._journal,
            self._exit.request,
        )

    def _join_loop(self) -> None:
        """Take part in supervisord's loop and follow its events."""
        self._wakeup_dispatcher = Dispatcher(
            self._supervisord.options.logger.error,
            self._begin_round,
            self._before_poll,
            self._close,
        )
        asyncore.socket_map[self._wakeup.fileno()] = self._wakeup_dispatcher
        self._inbox.open(self._begin_round)
        events.subscribe(events.ProcessGroupAddedEvent, self._groups.on_added)
        events.subscribe(events.ProcessGroupRemovedEvent, self._groups.on_removed)
        events.subscribe(events.SupervisorRunningEvent, self._on_running)
        events.subscribe(events.SupervisorStoppingEvent, self._stop.begin)
        self._wakeup.kick()  # start the programs now, not in a second

    def _on_running(self, _event: Any) -> None:
        """Begin to run: supervisord may have become a daemon, which is another process.

        Change the HTTP server: it closes our dispatcher too, and starts units as we do.
        """
        process_tree.adopt_orphans()
        self._inbox.write_pid()
        (_config, server), *_ = self._supervisord.options.httpservers
        self._wakeup_dispatcher.server = server
        start_rpc_methods.install(self._supervisord, server)

    def _begin_round(self) -> None:
        self._wakeup.drain()
        self._round.begin()

    def _hear(self) -> None:
        """Read the notifications, and give back the time in which nobody could send one."""
        if deaf_s := self._inbox.maintain(time.monotonic()):
            self._postpone(deaf_s)
        self._inbox.read()

    def _before_poll(self) -> None:
        now = time.monotonic()
        self._health.update(now)
        self._stop.proceed()
        self._sockets.retry(now)
        deadlines = [process.unit.deadline for process in self._table.processes()]
        until = min([self._guard.beat(now), self._sockets.retry_at, *deadlines])
        now = time.monotonic()  # the disk may be slow
        self._round.end(now, until)
        self._wakeup.arm(until - now)

    def _postpone(self, delay_s: float) -> None:
        """Postpone all deadlines by the time in which supervisord could not hear anybody."""
        for process in self._table.processes():
            process.unit.postpone(delay_s)
        if delay_s > NOTABLE_S:
            self._inbox.warn("delayed", f"{delay_s:.3g} s, which count for no time limit")

    def _close(self) -> None:
        startup_exit.keep_requests()
        self._round.handle_signals()
        asyncore.socket_map.pop(self._wakeup.fileno(), None)
        self._wakeup.close()
        run_members.close_spare_descriptor()
        self._inbox.close()
        self._guard.close()
        self._health.close()
        self._sockets.keep(())
        self._logs.close()
        self._exit.leave()


def _forget_outer_manager() -> None:
    """Remove the variables of an outer service manager, which are not meant for the programs."""
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", *listen_sockets.VARIABLES):
        os.environ.pop(name, None)


def _checked(server_options: Any) -> ConfiguredUnits:
    """Return the units. Raises InvalidConfiguration."""
    if len(server_options.server_configs) != 1:
        raise InvalidConfiguration(
            f"[rpcinterface:supervision] found {len(server_options.server_configs)} HTTP servers, "
            "expected only [unix_http_server]"
        )
    configured = configured_units.read(server_options)
    for fault in configured.faults.values():
        raise InvalidConfiguration(fault)
    return configured
