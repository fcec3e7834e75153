"""Decide from the Supervisor's state whether a service may be restarted, and whether now.

restart-service removes the container and starts one of the wanted release. While the image of
that release is still being downloaded nothing can start, and the service would be missing until
the download ends, however long that takes.
"""

from __future__ import annotations

from hems.clients.balena.supervisor_responses import ApplicationState, DeviceStatus


def restartable(name: str, status: DeviceStatus, application: ApplicationState) -> str | None:
    """Return the id of the container of `name` if a restart would start it again, else None.

    It must run, be the only one (two are a handover), and its wanted image must be here. After a
    rejected release the wanted images are unknown, and only the containers are there to judge by.
    """
    container = status.running(name)
    if container is None or name in status.downloading:
        return None
    if not application.services and not application.is_updating:
        return container.container_id
    wanted = [service for service in application.services if service.name == name]
    return container.container_id if wanted and not wanted[0].is_downloading else None


def is_under_way(status: DeviceStatus, application: ApplicationState) -> bool:
    """Return whether the device is being updated, which may still reach every service.

    An update lock, or an old container that cannot be stopped, keeps this true for hours or
    days.
    """
    return status.is_applying or application.is_updating
