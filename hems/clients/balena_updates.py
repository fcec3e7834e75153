"""What balena is changing: may a service be restarted, and would now be the time.

restart-service removes the container and starts one of the release that is wanted. While the
image of that is on its way there is nothing to start, and the service would stay away until
the download ends, however long that takes.
"""

from __future__ import annotations

from hems.clients.balena_answers import Application, Status


def restartable(name: str, status: Status, application: Application) -> str | None:
    """Return the id of the container of `name` if a restart would start one again, else None.

    That is one that runs, alone (two are a handover), and whose image is here.
    """
    own = [one for one in status.containers if one.service_name == name]
    if len(own) != 1 or not own[0].is_running or name in status.downloading:
        return None
    wanted = [one for one in application.services if one.name == name]
    return own[0].container_id if wanted and not wanted[0].is_downloading else None


def is_under_way(status: Status, application: Application) -> bool:
    """Tell whether the device is changing anything, which may come to every service yet.

    It is for as long as an update lock holds, too, or a container that is to be replaced
    cannot be stopped: hours or days.
    """
    return status.is_applying or application.is_updating
