"""wifi-repeater: a service somebody starts for a while, and forgets; stopped after a limit."""

from __future__ import annotations

from hems.workers.watchdog.checks import Journal, Supervisor

SERVICE = "wifi-repeater"


class WifiRepeater:
    """Stops it when one container has run for `limit_s`. A fleet without that service is fine."""

    name = SERVICE

    def __init__(self, supervisor: Supervisor, limit_s: float, journal: Journal) -> None:
        self._supervisor = supervisor
        self._limit_s = limit_s
        self._journal = journal
        self._container = ""  # the id of the one that runs, empty without
        self._since = 0.0  # when it was first seen to run

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s). A stop that fails is tried again in the next step."""
        containers = self._supervisor.status().containers
        own = (one for one in containers if one.service_name == SERVICE and one.is_running)
        running = [one.container_id for one in own]
        if self._container not in running:
            self._container, self._since = (running or [""])[0], now
        elif now - self._since > self._limit_s:
            self._supervisor.stop_service(SERVICE)
            self._container = ""
            self._journal.add(f"stop {SERVICE}", f"running for more than {self._limit_s:g} s")
