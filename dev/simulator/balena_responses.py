"""Build the simulated Supervisor's two long answers in the shapes of balena-supervisor 19.

/v2/applications/state describes the wanted release, before it runs; /v2/state/status has the
containers that exist, and the commit of the last release that was complete.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from dev.simulator.balena_device import SimulatedDevice

DOWNLOADING, DOWNLOADED, INSTALLING = "Downloading", "Downloaded", "Installing"
PROGRESS = 40  # percent
REGISTRY = "registry2.balena-cloud.com/v2"
Json = dict[str, object]


def status(device: SimulatedDevice) -> Json:
    """Return the body of /v2/state/status."""
    downloads = device.faults.updating if device.is_updating else ()
    new = [_image(device, name, DOWNLOADING, PROGRESS) for name in downloads]
    old = [_image(device, name, DOWNLOADED, None) for name in device.containers]
    return {
        "status": "success",
        "appState": "applying" if device.is_updating else "applied",
        "overallDownloadProgress": PROGRESS if new else None,
        "containers": [_container(device, name) for name in device.containers],
        "images": new + old,
        "release": _hash(device.release),
    }


def applications(device: SimulatedDevice) -> Json:
    """Return the body of /v2/applications/state."""
    names = [] if device.faults.is_rejected else device.names
    application: Json = {
        "appId": device.app_id,
        "appUuid": _hash(device.app_name),
        "commit": _hash(device.faults.release),
        "updateStatus": _update_status(device),
        "services": {name: _service(device, name) for name in names},
    }
    return {device.app_name: application}


def _update_status(device: SimulatedDevice) -> str:
    if device.faults.is_rejected:
        return "rejected"
    if not device.is_updating:
        return "done"
    return "applying changes" if device.faults.is_applying else "downloading"


def _container(device: SimulatedDevice, name: str) -> Json:
    number = _number(device, name)
    created = datetime.fromtimestamp(device.created_at[name], UTC)
    return {
        "status": device.statuses[name],
        "serviceName": name,
        "appId": device.app_id,
        "imageId": 1000 + number,
        "serviceId": 2000 + number,
        "containerId": device.containers[name],
        "createdAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _image(device: SimulatedDevice, name: str, status: str, progress: int | None) -> Json:
    return {
        "name": f"{REGISTRY}/{name}",
        "appId": device.app_id,
        "serviceName": name,
        "imageId": (1000 if progress is None else 3000) + _number(device, name),
        "status": status,
        "downloadProgress": progress,
    }


def _service(device: SimulatedDevice, name: str) -> Json:
    status = device.statuses.get(name, INSTALLING)
    if device.faults.updating:
        status = DOWNLOADING if name in device.faults.updating else DOWNLOADED
    return {
        "status": status,
        "image": f"{REGISTRY}/{name}",
        "downloadProgress": PROGRESS if status == DOWNLOADING else None,
        "releaseId": device.faults.release,
    }


def _number(device: SimulatedDevice, name: str) -> int:
    return device.names.index(name) + 1


def _hash(what: object) -> str:
    return hashlib.sha256(str(what).encode()).hexdigest()[:32]
