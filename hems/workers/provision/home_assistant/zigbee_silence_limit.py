"""Let Home Assistant call a silent Zigbee device unavailable when the gateway does, once.

ZHA would wait for two hours. The gateway's limit, by default an hour, is that of the problem
device-silent: four of the intervals at which ZHA lets a device with mains power report. A device
with a battery sleeps for longer and keeps ZHA's six hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

SECTION, MAINS = "zha_options", "consider_unavailable_mains"
OF_ZHA_S = 7200


@dataclass(frozen=True)
class ZigbeeSilenceLimit:
    """The part of the set-up that shortens ZHA's own limit. A person's limit stays.

    `is_loaded` returns whether ZHA runs: it has no options before. `limit_s` is the gateway's; a
    later change of it changes nothing here, because what a person may have chosen stays.
    """

    record: SetupRecordFile
    is_loaded: Callable[[], bool]
    limit_s: int

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Set the limit unless somebody else has, or it was set before. Raises HemsError."""
        if self.record.record.has_zigbee_limit or not self.is_loaded():
            return
        options = session.zigbee_options()
        limits = options.get(SECTION, {})
        if limits.get(MAINS) == OF_ZHA_S:
            session.set_zigbee_options({**options, SECTION: {**limits, MAINS: self.limit_s}})
            logger.info("ZHA calls a silent device unavailable after {} s", self.limit_s)
        self.record.update(has_zigbee_limit=True)
