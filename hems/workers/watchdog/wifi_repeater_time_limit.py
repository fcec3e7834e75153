"""Stop the service wifi-repeater after a time limit: people start it and forget it."""

from __future__ import annotations

from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers

SERVICE = "wifi-repeater"


class WifiRepeaterTimeLimit:
    """Stop it when one container has run for `limit_s`. A fleet need not have that service."""

    name = SERVICE

    def __init__(
        self, containers: RunningContainers, limit_s: float, restart_log: RestartLog
    ) -> None:
        self._containers = containers
        self._limit_s = limit_s
        self._restart_log = restart_log
        self._container = ""  # the id of the running container, empty if none runs
        self._since = 0.0  # when the check first saw it run

    def step(self, now: float) -> None:
        """Check at monotonic `now` (s). The next step repeats a stop that fails."""
        containers = self._containers.recent(now).of(SERVICE)
        running = [container.container_id for container in containers if container.is_running]
        if self._container not in running:
            self._container, self._since = (running or [""])[0], now
        elif now - self._since > self._limit_s:
            self._containers.supervisor.stop_service(SERVICE)
            self._container = ""
            self._restart_log.add(f"stop {SERVICE}", f"running for more than {self._limit_s:g} s")
