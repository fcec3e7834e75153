"""Keep the home's Wi-Fi until another one works.

wifi-connect deletes the saved network of the same name before it tries what was typed in. So the
saved networks are read before the portal opens, and what is missing is saved again: as soon as a
try has failed, or when a try that seemed to work has brought no connection.
"""

from __future__ import annotations

import math
from typing import Protocol

from loguru import logger

from hems.errors import HemsError
from hems.protocols.host.network_manager import NetworkState, SavedWifi


class SavedNetworks(Protocol):
    """NetworkManager: see hems.system.network.network_manager."""

    def wifi_profiles(self) -> tuple[SavedWifi, ...]: ...
    def restore(self, kept: tuple[SavedWifi, ...]) -> list[str]: ...


class KeptNetworks:
    """The saved networks of before the portal `ssid` opened. Times are monotonic seconds."""

    def __init__(self, manager: SavedNetworks, ssid: str) -> None:
        self._manager = manager
        self._ssid = ssid
        self._kept: tuple[SavedWifi, ...] = ()
        self._not_before = -math.inf

    def keep(self) -> None:
        """Read the saved networks before the portal opens; those of before stay kept."""
        try:
            saved = self._manager.wifi_profiles()
        except HemsError as error:
            logger.warning("the saved networks cannot be read: {}", error)
            return
        known = {one.uuid for one in saved}
        self._kept = (*saved, *(one for one in self._kept if one.uuid not in known))

    def wait(self, until: float) -> None:
        """Give a network that was just joined until then to bring a connection."""
        self._not_before = until

    def step(self, network: NetworkState, now: float, *, is_portal_open: bool) -> None:
        """Save again what is missing, unless it is not needed or just being tried.

        Raises HemsError.
        """
        if network.uplink:
            self._kept = ()
        is_on_air = any(device.access_point == self._ssid for device in network.devices)
        is_trying = is_portal_open and not is_on_air
        if self._kept and now >= self._not_before and not is_trying:
            for name in self._manager.restore(self._kept):
                logger.warning("the saved network {} was deleted by the portal: saved again", name)
