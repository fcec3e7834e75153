"""A simulated balena device: its containers, its release, and the faults that are ordered.

No I/O: hems/desk/balena.py speaks for it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from itertools import count

import msgspec

from hems.desk.faults import Faults

RUNNING, EXITED = "Running", "exited"
SERVICES = (
    "homeassistant",
    "influxdb",
    "nginx-reverse-proxy",
    "hass-configurator",
    "mqtt",
    "wifi-connect",
    "hems",
)
REMEMBERED_CALLS = 1000


@dataclass
class Device:
    """The device that runs application `app_id`, named `app_name`.

    `containers` and `statuses` are each service's container id and its status.
    """

    app_id: int
    app_name: str
    faults: Faults = field(default_factory=Faults)
    reboots: int = 0
    calls: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_CALLS))

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.containers: dict[str, str] = {}
        self.statuses: dict[str, str] = {}
        self.recreate_all()

    def order(self, document: bytes) -> None:
        """Change the faults that `document` (JSON) names. Raises msgspec.DecodeError."""
        wanted = msgspec.json.decode(document, type=dict[str, object])
        faults = msgspec.convert(msgspec.to_builtins(self.faults) | wanted, Faults)
        is_new_release = faults.release != self.faults.release
        self.faults = faults
        if is_new_release:
            self.recreate_all()
        if "statuses" in wanted:
            for name, status in faults.statuses.items():
                self.statuses[name] = status
                self.containers.setdefault(name, self._new_id())

    def recreate_all(self) -> None:
        self.statuses = dict.fromkeys(SERVICES, RUNNING)
        self.containers = {name: self._new_id() for name in SERVICES}

    def has_service(self, name: str) -> bool:
        return name in self.statuses

    def answers(self, name: str) -> bool:
        """Tell whether the service itself would answer somebody."""
        return self.statuses.get(name) == RUNNING and name not in self.faults.hung

    def restart(self, name: str) -> bool:
        """Recreate a container; tell whether there was an image to start it from."""
        if name in self.faults.updating:
            self.stop(name)
            return False
        self.containers[name] = self._new_id()
        self._start(name)
        return True

    def stop(self, name: str) -> None:
        self.statuses[name] = EXITED

    def reboot(self) -> None:
        """Start every container again: the same ones, what was stopped, too (`restart: always`)."""
        self.reboots += 1
        for name in self.containers:
            self._start(name)

    def _start(self, name: str) -> None:
        self.statuses[name] = RUNNING
        if name not in self.faults.incurable:
            self.faults.hung = tuple(one for one in self.faults.hung if one != name)

    def _new_id(self) -> str:
        return hashlib.sha256(str(next(self._numbers)).encode()).hexdigest()
