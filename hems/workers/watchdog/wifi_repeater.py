"""wifi-repeater: a service somebody starts for a while, and forgets; stopped after a limit."""

from __future__ import annotations

from hems.workers.watchdog.checks import Journal, Supervisor

SERVICE = "wifi-repeater"


class WifiRepeater:
    """Stops it when it has run for `limit_s`. A fleet without that service is fine."""

    name = SERVICE

    def __init__(self, supervisor: Supervisor, limit_s: float, journal: Journal) -> None:
        self._supervisor = supervisor
        self._limit_s = limit_s
        self._journal = journal
        self._running_since: float | None = None

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s). A stop that fails is tried again in the next step."""
        containers = self._supervisor.status().containers
        if not any(one.is_running for one in containers if one.service_name == SERVICE):
            self._running_since = None
            return
        if self._running_since is None:
            self._running_since = now
        if now - self._running_since > self._limit_s:
            self._supervisor.stop_service(SERVICE)
            self._running_since = None
            self._journal.add(f"stop {SERVICE}", f"running for more than {self._limit_s:g} s")
