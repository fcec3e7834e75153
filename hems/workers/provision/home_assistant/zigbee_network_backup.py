"""Keep a backup of the Zigbee network outside Home Assistant: zigbee_network.json in /data.

ZHA makes one a day in /config/zigbee.db, which may be lost together with the stick. The file is
written only if something changed that matters. `python -m hems.zigbee restore` takes it.
"""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import HemsError
from hems.protocols.home_assistant.zha_network_backup import NetworkBackup, decoded, newest
from hems.system import files
from hems.workers.provision.gateway_file_paths import GatewayFiles

FIRST_S = 600.0  # after which ZHA must have made a backup itself
AGAIN_S = 3600.0  # between two looks, and between two requests for a backup


class ZigbeeNetworkBackup:
    """The part of the set-up that keeps the newest complete backup.

    `is_loaded` returns whether ZHA runs.
    """

    def __init__(self, layout: GatewayFiles, is_loaded: Callable[[], bool]) -> None:
        self._layout = layout
        self._is_loaded = is_loaded
        self._next_at = 0.0  # monotonic seconds
        self._create_at: float | None = None  # monotonic seconds

    def set_up(self, session: AdminSession, now: float) -> None:
        """Keep the newest backup at monotonic `now` (s). Raises HemsError."""
        if not self._is_loaded():
            self._next_at, self._create_at = 0.0, None
            return
        if now < self._next_at:
            return
        backup = newest(session.zigbee_backups())
        if backup is not None:
            self._keep(backup)
            self._next_at = now + AGAIN_S
        elif self._create_at is None:
            self._create_at = now + FIRST_S
        elif now >= self._create_at:
            self._create_at = now + AGAIN_S
            session.create_zigbee_backup()

    def _keep(self, backup: NetworkBackup) -> None:
        kept = kept_backup(self._layout)
        if kept is not None and not backup.is_worth_keeping_after(kept):
            return
        path, access = self._layout.zigbee_network, self._layout.private()
        if kept is not None and not backup.is_of_network(kept):
            files.replace(self._layout.zigbee_network_before, kept.content, access)
            logger.warning("the Zigbee network is another one: {} has the one before", path.parent)
        files.replace(path, backup.content, access)
        logger.info(
            "kept a backup of the Zigbee network with {} devices",
            len(backup.network_info.nwk_addresses),
        )


def kept_backup(layout: GatewayFiles) -> NetworkBackup | None:
    """Return the backup that is kept, None if there is none that can be read."""
    path = layout.zigbee_network
    try:
        content = files.content(path)
        return None if content is None else decoded(content, str(path))
    except HemsError as error:
        logger.warning("{}", error)
        return None
