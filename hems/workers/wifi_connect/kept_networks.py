"""Keep the home's Wi-Fi until another one works.

wifi-connect deletes the saved network of the same name before it tries what was typed in. So the
saved networks are read before the portal opens, and what is missing is saved again: as soon as a
try has failed, or when a try that seemed to work has brought no connection. They are on disk as
long as they may be needed, so that a power cut does not lose them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Protocol

import msgspec
from loguru import logger

from hems.errors import HemsError, Unavailable
from hems.protocols.host.network_manager import NetworkState, SavedWifi
from hems.system.record_file import RecordFile


class SavedNetworks(Protocol):
    """NetworkManager: see hems.system.network.network_manager."""

    def wifi_profiles(self) -> tuple[SavedWifi, ...]: ...
    def restore(self, kept: tuple[SavedWifi, ...]) -> dict[SavedWifi, str]: ...


class KeptNetworksRecord(msgspec.Struct, frozen=True):
    """The saved networks of before the portal opened, with their secrets."""

    networks: tuple[SavedWifi, ...] = ()


class KeptNetworksFile(RecordFile[KeptNetworksRecord]):
    """The record on disk, for root only."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, KeptNetworksRecord())


class KeptNetworks:
    """What `file` keeps of before the portal `ssid` opened. Times are monotonic seconds."""

    def __init__(self, manager: SavedNetworks, file: KeptNetworksFile, ssid: str) -> None:
        self._manager = manager
        self._file = file
        self._ssid = ssid
        self._not_before = -math.inf

    def keep(self) -> None:
        """Read the saved networks before the portal opens; those of before stay kept."""
        try:
            saved = self._manager.wifi_profiles()
        except HemsError as error:
            logger.warning("the saved networks cannot be read: {}", error)
            return
        known = {one.uuid for one in saved}
        earlier = (one for one in self._file.record.networks if one.uuid not in known)
        try:
            self._file.update(networks=(*saved, *earlier))
        except Unavailable as error:
            logger.warning("a power cut may lose the saved networks: {}", error)

    def wait(self, until: float) -> None:
        """Give a network that was just joined until then to bring a connection."""
        self._not_before = until

    def step(self, network: NetworkState, now: float, *, is_portal_open: bool) -> bool:
        """Save again what is missing, unless it is not needed or just being tried.

        Returns whether something was missing: NetworkManager may join it now. A connection without
        Wi-Fi, such as a cable, does not replace the home's Wi-Fi. Raises HemsError.
        """
        kept = self._file.record.networks
        is_trying = is_portal_open and not network.has_access_point(self._ssid)
        if not kept or is_trying:
            return False
        if network.is_on_wifi:
            self._file.update(networks=())
            return False
        if now < self._not_before:
            return False
        missing = tuple(one for one in kept if one.uuid not in network.saved_wifi)
        if missing:
            self._restore(kept, missing)
        elif network.uplink:
            self._file.update(networks=())
        return bool(missing)

    def _restore(self, kept: tuple[SavedWifi, ...], missing: tuple[SavedWifi, ...]) -> None:
        """Save what is missing again; what NetworkManager refuses is not kept any longer."""
        outcome = self._manager.restore(missing)
        for one, reason in outcome.items():
            text = f"cannot be saved again: {reason}" if reason else "saved again"
            logger.warning("the saved network {} was deleted by the portal: {}", one.name, text)
        if any(outcome.values()):
            self._file.update(networks=tuple(one for one in kept if not outcome.get(one)))
