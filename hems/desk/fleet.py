"""A simulated balena device: its containers, its release, and the faults that are ordered.

No I/O: hems/desk/balena.py speaks for it. The shapes are those of balena-supervisor 19.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from itertools import count

import msgspec

from hems.desk.faults import Faults

RUNNING, EXITED, DOWNLOADING = "Running", "exited", "Downloading"
SERVICES = (
    "homeassistant",
    "influxdb",
    "nginx-reverse-proxy",
    "hass-configurator",
    "mqtt",
    "wifi-connect",
    "hems",
)
CREATED_AT = "2026-01-01T00:00:00.000Z"
REMEMBERED_CALLS = 1000
Json = dict[str, object]


@dataclass
class Device:
    """The device that runs application `app_id`, named `app_name`."""

    app_id: int
    app_name: str
    faults: Faults = field(default_factory=Faults)
    reboots: int = 0
    calls: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_CALLS))

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._containers: dict[str, str] = {}
        self._statuses: dict[str, str] = {}
        self.recreate_all()

    def order(self, document: bytes) -> None:
        """Change the faults that `document` (JSON) names. Raises msgspec.DecodeError."""
        wanted: Json = msgspec.json.decode(document, type=dict[str, object])
        faults = msgspec.convert(msgspec.to_builtins(self.faults) | wanted, Faults)
        is_new_release = faults.release != self.faults.release
        self.faults = faults
        if is_new_release:
            self.recreate_all()
        if "statuses" in wanted:
            for name, status in faults.statuses.items():
                self._statuses[name] = status
                self._containers.setdefault(name, self._new_id())

    def recreate_all(self) -> None:
        self._statuses = dict.fromkeys(SERVICES, RUNNING)
        self._containers = {name: self._new_id() for name in SERVICES}

    def has_service(self, name: str) -> bool:
        return name in self._statuses

    def answers(self, name: str) -> bool:
        """Tell whether the service itself would answer somebody."""
        return self._statuses.get(name) == RUNNING and name not in self.faults.hung

    def restart(self, name: str) -> None:
        self._containers[name], self._statuses[name] = self._new_id(), RUNNING
        if name not in self.faults.incurable:
            self.faults.hung = tuple(one for one in self.faults.hung if one != name)

    def stop(self, name: str) -> None:
        self._statuses[name] = EXITED

    def reboot(self) -> None:
        """Start every container again; what was stopped is not stopped any more."""
        self.reboots += 1
        self.recreate_all()

    def status(self) -> Json:
        """Return the body of /v2/state/status."""
        is_settled = DOWNLOADING not in self._statuses.values()
        return {
            "status": "success",
            "appState": "applied" if is_settled else "applying",
            "containers": [self._container(name) for name in self._statuses],
            "images": [],
            "release": self._commit(),
        }

    def applications(self) -> Json:
        """Return the body of /v2/applications/state."""
        services = {name: self._service(name, status) for name, status in self._statuses.items()}
        application: Json = {
            "appId": self.app_id,
            "appUuid": hashlib.sha256(self.app_name.encode()).hexdigest()[:32],
            "commit": self._commit(),
            "updateStatus": "idle",
            "services": services,
        }
        return {self.app_name: application}

    def _container(self, name: str) -> Json:
        number = list(self._statuses).index(name) + 1
        return {
            "status": self._statuses[name],
            "serviceName": name,
            "appId": self.app_id,
            "imageId": 1000 + number,
            "serviceId": 2000 + number,
            "containerId": self._containers[name],
            "createdAt": CREATED_AT,
        }

    def _service(self, name: str, status: str) -> Json:
        return {
            "status": status,
            "image": f"registry2.balena-cloud.com/v2/{name}",
            "downloadProgress": 40 if status == DOWNLOADING else None,
            "releaseId": self.faults.release,
        }

    def _commit(self) -> str:
        return hashlib.sha256(str(self.faults.release).encode()).hexdigest()[:32]

    def _new_id(self) -> str:
        return hashlib.sha256(str(next(self._numbers)).encode()).hexdigest()
