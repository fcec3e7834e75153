"""Simulate a balena device: its containers, its release, and the faults that a person orders.

No I/O: dev/simulator/balena_server.py is its HTTP server. It behaves as balena-supervisor 19.0.5
was measured to do.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import msgspec

from dev.simulator.balena_faults import Faults

RUNNING, STOPPING, EXITED = "Running", "Stopping", "exited"
DEFAULT_GRACE_S = 10.0
# The services and the stop_grace_period of each in docker-compose.yml.
GRACE_S = {
    "homeassistant": 120.0,
    "influxdb": 60.0,
    "nginx-reverse-proxy": DEFAULT_GRACE_S,
    "hass-configurator": DEFAULT_GRACE_S,
    "mqtt": DEFAULT_GRACE_S,
    "wifi-connect": 60.0,
    "hems": 300.0,
}
SERVICES = tuple(GRACE_S)
REMEMBERED_CALLS = 1000


@dataclass
class SimulatedDevice:
    """The device that runs application `app_id`, named `app_name`.

    `containers`, `statuses` and `created_at` have the id, the status and the unix time (s) of the
    container of each service; `release` runs, `faults.release` is wanted. `is_api_closed`: a reboot
    was accepted, so the Supervisor answers nobody. `clock` returns monotonic seconds.
    """

    app_id: int
    app_name: str
    faults: Faults = field(default_factory=Faults)
    clock: Callable[[], float] = time.monotonic
    reboots: int = 0
    is_api_closed: bool = False
    calls: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_CALLS))

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._stopped_at: dict[str, float] = {}  # monotonic seconds; only of those that stop
        self.containers: dict[str, str] = {}
        self.statuses: dict[str, str] = {}
        self.created_at: dict[str, float] = {}
        self.release = self.faults.release
        for name in SERVICES:
            self._create(name)

    @property
    def is_updating(self) -> bool:
        """Return whether the wanted release is not complete yet."""
        is_downloading = bool(self.faults.updating) or "Downloading" in self.statuses.values()
        return not self.faults.is_rejected and (is_downloading or self.faults.is_applying)

    @property
    def names(self) -> list[str]:
        """Return the services of the wanted release, and those that were started besides."""
        return [*SERVICES, *(name for name in self.statuses if name not in SERVICES)]

    def order(self, document: bytes) -> None:
        """Set the faults that `document` (JSON) names. Raises msgspec.DecodeError."""
        changes = msgspec.json.decode(document, type=dict[str, object])
        self.faults = msgspec.convert(msgspec.to_builtins(self.faults) | changes, Faults)
        if "statuses" in changes:
            for name, status in self.faults.statuses.items():
                if name not in self.containers:
                    self._create(name)
                self.statuses[name] = status
        self._finish_update()
        if "hung" in changes:  # also those that the update has just recreated
            self.faults.hung = msgspec.convert(changes["hung"], tuple[str, ...])

    def settle(self) -> None:
        """Let the containers end whose stop has taken its time."""
        ended = [name for name, ends in self._stopped_at.items() if self.clock() >= ends]
        for name in ended:
            del self._stopped_at[name]
            self.statuses[name] = RUNNING if name in self.faults.unstoppable else EXITED

    def answers(self, name: str) -> bool:
        """Return whether the service itself would answer."""
        return self.statuses.get(name) == RUNNING and name not in self.faults.hung

    def stopping_s(self, name: str) -> float:
        """Return how long (s) the container of `name` takes to end."""
        if self.answers(name) and name not in self.faults.unstoppable:
            return self.faults.stop_s
        grace_s = self.faults.grace_s
        return GRACE_S.get(name, DEFAULT_GRACE_S) if grace_s is None else grace_s

    def restart(self, name: str) -> bool:
        """Recreate a container; return whether there was an image to start it from."""
        self._stopped_at.pop(name, None)
        if name in self.faults.unstoppable:
            self.statuses[name] = RUNNING
            return True
        if name in self.faults.updating:
            del self.containers[name], self.statuses[name]
            return False
        self._create(name)
        return True

    def stop(self, name: str) -> None:
        """Begin to stop a container."""
        self._stopped_at[name] = self.clock() + self.stopping_s(name)
        self.statuses[name] = STOPPING

    def start(self, name: str) -> None:
        """Start a container that is there."""
        self._stopped_at.pop(name, None)
        self._run(name)

    def accept_reboot(self) -> None:
        """Close the API, and start all containers again, also the stopped (`restart: always`)."""
        self.is_api_closed = True
        if self.faults.is_reboot_lost:
            return
        self.reboots += 1
        self._stopped_at.clear()
        for name in self.containers:
            self._run(name)

    def _finish_update(self) -> None:
        """Bring the device to the wanted release, unless that is not possible yet."""
        if self.is_updating or self.faults.is_rejected:
            return
        is_new = self.faults.release != self.release
        self.release = self.faults.release
        for name in SERVICES:
            if name not in self.containers or (is_new and name not in self.faults.unchanged):
                self._create(name)

    def _create(self, name: str) -> None:
        self.containers[name] = hashlib.sha256(str(next(self._numbers)).encode()).hexdigest()
        self.created_at[name] = time.time()
        self._run(name)

    def _run(self, name: str) -> None:
        self.statuses[name] = RUNNING
        if name not in self.faults.incurable:
            self.faults.hung = tuple(one for one in self.faults.hung if one != name)
