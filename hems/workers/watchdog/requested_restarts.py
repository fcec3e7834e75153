"""Restart the services that a person wants to be restarted, within the watchdog's budget."""

from __future__ import annotations

from collections.abc import Sequence

from hems.protocols.gateway.gateway_entities import restarted_service
from hems.system.command_file import CommandReader
from hems.workers.watchdog.service_repair import ServiceRepair


class RequestedRestarts:
    """The step that looks for commands; `services` are those that may be restarted."""

    name = "requested restarts"

    def __init__(self, commands: CommandReader, services: Sequence[ServiceRepair]) -> None:
        self._commands = commands
        self._services = {service.name: service for service in services}

    def step(self, now: float) -> None:
        """Execute new commands at monotonic `now` (s). Raises HemsError."""
        for command in self._commands.take(now):
            service = self._services.get(restarted_service(command) or "")
            if service is not None:
                service.restart_for_a_person(now)
