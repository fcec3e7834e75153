"""Restart the services that a person wants to be restarted, within the watchdog's budget."""

from __future__ import annotations

from collections.abc import Sequence

from hems.protocols.gateway.gateway_entities import restarted_service
from hems.system.command_file import CommandReader
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.service_repair import ServiceRepair


class RequestedRestarts:
    """The step that looks for commands; `services` are those that may be restarted.

    Without a Supervisor there are none, and a person reads that in the restart log.
    """

    name = "requested restarts"

    def __init__(
        self, commands: CommandReader, services: Sequence[ServiceRepair], restart_log: RestartLog
    ) -> None:
        self._commands = commands
        self._restart_log = restart_log
        self._services = {service.name: service for service in services}

    def step(self, now: float) -> None:
        """Execute new commands at monotonic `now` (s). Raises HemsError."""
        for command in self._commands.take(now):
            name = restarted_service(command)
            if name is None:
                continue
            if name in self._services:
                self._services[name].restart_for_a_person(now)
            else:
                self._restart_log.add(f"no restart of {name}", "there is no balena Supervisor")
