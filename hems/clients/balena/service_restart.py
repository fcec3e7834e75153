"""Restart a service, and look whether the Supervisor really replaced its container.

restart-service answers 200 even when the old container could not be stopped and still runs.
"""

from __future__ import annotations

from hems.clients.balena.supervisor_api import PEER, BalenaSupervisor, SupervisorFailed
from hems.errors import HemsError


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
