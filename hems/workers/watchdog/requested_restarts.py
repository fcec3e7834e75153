"""Restart the services that a person wants to be restarted, within the watchdog's budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from hems.errors import HemsError
from hems.protocols.gateway.gateway_entities import RESTARTS
from hems.system.user_command_file import CommandReader
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.service_repair import ServiceRepair


class RequestedRestarts:
    """The step that looks for commands; `services` are those that may be restarted.

    Without a Supervisor there are none, and a person reads that as the last repair. A restart may
    take action_timeout_s, so each step makes one; the others wait, each service once.
    """

    name = "requested restarts"

    def __init__(
        self, commands: CommandReader, services: Sequence[ServiceRepair], restart_log: RestartLog
    ) -> None:
        self._commands = commands
        self._restart_log = restart_log
        self._services = {service.name: service for service in services}
        self._waiting = deque[str]()  # names of services

    def step(self, now: float) -> None:
        """Look for commands at monotonic `now` (s), and execute the one that came first."""
        for command in self._commands.take(now):
            if RESTARTS[command] not in self._waiting:
                self._waiting.append(RESTARTS[command])
        if self._waiting:
            self._restart(self._waiting.popleft(), now)

    def _restart(self, name: str, now: float) -> None:
        """Restart a service, or say why not: a person may press again."""
        if name not in self._services:
            self._restart_log.show(f"no restart of {name}", "there is no balena Supervisor")
            return
        try:
            self._services[name].restart_for_a_person(now)
        except HemsError as error:
            reason = f"a person asked for it; not confirmed: {error}"
            self._restart_log.show(f"restart {name}", reason)
