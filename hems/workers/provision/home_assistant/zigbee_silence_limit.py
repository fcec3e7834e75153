"""Let Home Assistant call a silent Zigbee device unavailable after an hour instead of two, once.

An hour is four of the intervals at which ZHA lets a device with mains power report, and the limit
of the problem device-silent. A device with a battery sleeps for longer and keeps ZHA's six hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

SECTION, MAINS = "zha_options", "consider_unavailable_mains"
OF_ZHA_S, OURS_S = 7200, 3600


@dataclass(frozen=True)
class ZigbeeSilenceLimit:
    """The part of the set-up that shortens ZHA's own limit. A person's limit stays.

    `is_loaded` returns whether ZHA runs: it has no options before.
    """

    record: SetupRecordFile
    is_loaded: Callable[[], bool]

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Set the limit unless somebody else has, or it was set before. Raises HemsError."""
        if self.record.record.has_zigbee_limit or not self.is_loaded():
            return
        options = session.zigbee_options()
        limits = options.get(SECTION, {})
        if limits.get(MAINS) == OF_ZHA_S:
            session.set_zigbee_options({**options, SECTION: {**limits, MAINS: OURS_S}})
            logger.info("a silent Zigbee device is unavailable in Home Assistant after an hour")
        self.record.update(has_zigbee_limit=True)
