"""Restart a service through the Supervisor: whether it may be restarted now, and whether it was.

restart-service removes the container and starts one of the wanted release. While the image of
that release is still being downloaded nothing can start, and the service would be missing until
the download ends, however long that takes. restart-service answers 200 even when the old container
could not be stopped and still runs.
"""

from __future__ import annotations

from hems.clients.balena.supervisor_api import PEER, BalenaSupervisor, SupervisorFailed
from hems.clients.balena.supervisor_responses import ApplicationState, DeviceStatus
from hems.errors import HemsError


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


def is_update_under_way(status: DeviceStatus, application: ApplicationState) -> bool:
    """Return whether the device is being updated, which may still reach every service.

    An update lock, or an old container that cannot be stopped, keeps this true for hours or
    days.
    """
    return status.is_applying or application.is_updating


def replace_container(supervisor: BalenaSupervisor, name: str, container_id: str) -> None:
    """Restart the service `name`, which runs in the container `container_id`.

    Raises what restart_service raises, and SupervisorFailed if that container still runs. If the
    Supervisor does not say what runs, its answer to the restart counts.
    """
    supervisor.restart_service(name)
    try:
        container = supervisor.status().running(name)
    except HemsError:
        return
    if container is not None and container.container_id == container_id:
        raise SupervisorFailed(
            f"{PEER}: it answered OK, but the same container of {name} still runs; it could not "
            "be stopped"
        )
