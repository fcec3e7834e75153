"""The simulated Supervisor's two long answers, in the shapes of balena-supervisor 19.

What is wanted (/v2/applications/state) is told by the release that is wanted: a container of
the release before does not count there, but it runs and /v2/state/status has it.
"""

from __future__ import annotations

import hashlib

from hems.desk.fleet import Device

DOWNLOADING, DOWNLOADED = "Downloading", "Downloaded"
PROGRESS = 40  # percent
CREATED_AT = "2026-01-01T00:00:00.000Z"
REGISTRY = "registry2.balena-cloud.com/v2"
Json = dict[str, object]


def status(device: Device) -> Json:
    """Return the body of /v2/state/status."""
    is_applying = _is_downloading(device) or device.faults.is_applying
    new = [_image(device, name, DOWNLOADING, PROGRESS) for name in device.faults.updating]
    old = [_image(device, name, DOWNLOADED, None) for name in device.statuses]
    return {
        "status": "success",
        "appState": "applying" if is_applying else "applied",
        "overallDownloadProgress": PROGRESS if new else None,
        "containers": [_container(device, name) for name in device.statuses],
        "images": new + old,
        "release": _hash(device.faults.release),
    }


def applications(device: Device) -> Json:
    """Return the body of /v2/applications/state."""
    application: Json = {
        "appId": device.app_id,
        "appUuid": _hash(device.app_name),
        "commit": _hash(device.faults.release),
        "updateStatus": _update_status(device),
        "services": {name: _service(device, name) for name in device.statuses},
    }
    return {device.app_name: application}


def _is_downloading(device: Device) -> bool:
    return bool(device.faults.updating) or DOWNLOADING in device.statuses.values()


def _update_status(device: Device) -> str:
    if _is_downloading(device):
        return "downloading"
    return "applying changes" if device.faults.is_applying else "done"


def _container(device: Device, name: str) -> Json:
    number = _number(device, name)
    return {
        "status": device.statuses[name],
        "serviceName": name,
        "appId": device.app_id,
        "imageId": 1000 + number,
        "serviceId": 2000 + number,
        "containerId": device.containers[name],
        "createdAt": CREATED_AT,
    }


def _image(device: Device, name: str, status: str, progress: int | None) -> Json:
    return {
        "name": f"{REGISTRY}/{name}",
        "appId": device.app_id,
        "serviceName": name,
        "imageId": (1000 if progress is None else 3000) + _number(device, name),
        "status": status,
        "downloadProgress": progress,
    }


def _service(device: Device, name: str) -> Json:
    status = device.statuses[name]
    if device.faults.updating:
        status = DOWNLOADING if name in device.faults.updating else DOWNLOADED
    return {
        "status": status,
        "image": f"{REGISTRY}/{name}",
        "downloadProgress": PROGRESS if status == DOWNLOADING else None,
        "releaseId": device.faults.release,
    }


def _number(device: Device, name: str) -> int:
    return list(device.statuses).index(name) + 1


def _hash(what: object) -> str:
    return hashlib.sha256(str(what).encode()).hexdigest()[:32]
