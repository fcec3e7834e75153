"""A home's Wi-Fi: NetworkManager with one radio, and wifi-connect's portal on it.

The radio is an access point or looks for networks, never both, as a real one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.host.network_manager import (
    Connectivity,
    NetworkDevice,
    NetworkState,
    SavedWifi,
)
from hems.workers.wifi_connect.kept_networks import KeptNetworksFile, KeptNetworksRecord


class _InMemory(KeptNetworksFile):
    def save(self, record: KeptNetworksRecord) -> None:
        self.record = record


def not_on_disk() -> KeptNetworksFile:
    """Return a file of kept networks for tests that are not about the disk."""
    return _InMemory(Path("/nonexistent"))


@dataclass
class FakeWifi:
    """Implements Manager and Portal of the worker wifi-connect, and records what was done."""

    ssid: str = "HEMS silent-moon"
    has_router: bool = False  # the home's network, which is known, is on the air
    stations: int = 0
    leftover: bool = False  # an access point that an earlier portal has left
    trouble: HemsError | None = None  # of NetworkManager
    forget_fails: bool = False
    iw_is_broken: bool = False
    open_fails: bool = False
    outcome: str | None = None  # as Portal.end
    saved: list[str] = field(default_factory=lambda: ["Home"])
    refused: list[str] = field(default_factory=list)  # what NetworkManager does not save again
    history: list[str] = field(default_factory=list)
    is_open: bool = False

    def state(self) -> NetworkState:
        if self.trouble:
            raise self.trouble
        access_point = self.ssid if self.is_open or self.leftover else ""
        is_joined = self.has_router and not access_point
        return NetworkState(
            Connectivity.FULL if is_joined else Connectivity.NONE,
            uplink="wlan0" if is_joined else "",
            devices=(NetworkDevice("wlan0", is_wifi=True, access_point=access_point),),
            known_wifi=("Home",),
            saved_wifi=frozenset(self.saved),
        )

    def forget_access_point(self, name: str) -> None:
        assert name == self.ssid
        assert not self.is_open, "wifi-connect would go on without its access point"
        if self.forget_fails:
            raise Rejected("org.freedesktop.NetworkManager.Settings.PermissionDenied: no")
        self.history.append("forget")
        self.leftover = False

    def wifi_profiles(self) -> tuple[SavedWifi, ...]:
        if self.trouble:
            raise self.trouble
        return tuple(SavedWifi(name, name, b"") for name in self.saved)

    def restore(self, kept: tuple[SavedWifi, ...]) -> dict[SavedWifi, str]:
        assert not {one.name for one in kept} & set(self.saved), "it is there already"
        self.saved += [one.name for one in kept if one.name not in self.refused]
        return {one: "refused" if one.name in self.refused else "" for one in kept}

    def open(self, interface: str) -> None:
        assert not self.is_open, "there is one radio"
        if self.open_fails:
            self.history.append("fail")
            raise Unavailable("wifi-connect cannot be started: No such file or directory")
        self.history.append(f"open {interface}")
        self.is_open = True

    def end(self) -> str | None:
        assert self.is_open
        return self.outcome

    def close(self) -> None:
        assert self.is_open
        self.history.append("close")
        self.is_open, self.outcome = False, None

    def has_stations(self, interface: str) -> bool:
        assert interface == "wlan0"
        if self.iw_is_broken:
            raise Unavailable("iw cannot be started")
        return self.stations > 0
