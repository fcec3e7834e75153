"""Decode NetworkManager's D-Bus objects into the state of the network and its saved profiles.

One answer of GetManagedObjects has all objects: {path: {interface: {property: (signature,
value)}}}. The settings of a profile are {section: {key: (signature, value)}}. Names and numbers are
those of the D-Bus API (nm-dbus-interface.h). NetworkManager also lists devices that it does not
manage; this module leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec

from hems.errors import ProtocolError

NAME = "org.freedesktop.NetworkManager"
MANAGER = "/org/freedesktop/NetworkManager"
OBJECTS = "/org/freedesktop"  # where org.freedesktop.DBus.ObjectManager is
SETTINGS = "/org/freedesktop/NetworkManager/Settings"
DEVICE = f"{NAME}.Device"
WIRED, WIRELESS = f"{DEVICE}.Wired", f"{DEVICE}.Wireless"
ACTIVE, PROFILE = f"{NAME}.Connection.Active", f"{NAME}.Settings.Connection"
ETHERNET = 1  # NMDeviceType; a container's veth has another type, but the Wired interface too
UNMANAGED = 10  # NMDeviceState; 0 is unknown
ACCESS_POINT = 3  # NM80211Mode
WIFI_TYPE = "802-11-wireless"
WIFI_SECURITY = "802-11-wireless-security"

Variants = Mapping[str, tuple[str, Any]]
Settings = Mapping[str, Variants]
Objects = Mapping[str, Mapping[str, Variants]]


class Connectivity(IntEnum):
    """NMConnectivityState; UNKNOWN where NetworkManager is not set up to check it."""

    UNKNOWN = 0
    NONE = 1
    PORTAL = 2
    LIMITED = 3
    FULL = 4


@dataclass(frozen=True)
class NetworkDevice:
    """A network interface that NetworkManager manages."""

    interface: str
    is_wifi: bool = False
    has_carrier: bool = False  # of a cable
    access_point: str = ""  # the profile whose access point it is, by name


@dataclass(frozen=True)
class NetworkState:
    """The network at one moment.

    `uplink` is the interface of the connection with the default route, empty without one.
    `known_wifi` has the names of the Wi-Fi profiles that NetworkManager joins automatically,
    `saved_wifi` the UUIDs of all that are no access points.
    """

    connectivity: Connectivity
    uplink: str = ""
    devices: tuple[NetworkDevice, ...] = ()
    known_wifi: tuple[str, ...] = ()
    saved_wifi: frozenset[str] = frozenset()

    @property
    def is_on_wifi(self) -> bool:
        """Return whether Wi-Fi brings the connection."""
        return any(one.is_wifi and one.interface == self.uplink for one in self.devices)

    def has_access_point(self, name: str) -> bool:
        """Return whether the access point of the profile `name` is on the air."""
        return any(one.access_point == name for one in self.devices)


@dataclass(frozen=True)
class ConnectionProfile:
    """A saved connection."""

    path: str
    name: str
    is_wifi: bool
    is_access_point: bool
    is_automatic: bool
    uuid: str


class SavedWifi(msgspec.Struct, frozen=True):
    """A profile of a Wi-Fi network, to be saved again as it was.

    `addition` is the message that does so, in D-Bus's own format, which keeps the types of the
    settings; it contains the secrets.
    """

    uuid: str
    name: str
    addition: bytes

    def __repr__(self) -> str:
        return f"SavedWifi({self.name!r})"


def with_secrets(settings: Settings, secrets: Settings) -> Settings:
    """Return the settings of a profile with its `secrets`, which GetSettings leaves out."""
    return {section: {**values, **secrets.get(section, {})} for section, values in settings.items()}


def network(objects: Objects, profiles: Iterable[ConnectionProfile]) -> NetworkState:
    """Return the state of the network. Raises ProtocolError for objects of another format."""
    wifi = [one for one in profiles if one.is_wifi and not one.is_access_point]
    try:
        manager = objects[MANAGER][NAME]
        return NetworkState(
            Connectivity(manager["Connectivity"][1]),
            _uplink(objects, manager["PrimaryConnection"][1]),
            tuple(_devices(objects)),
            tuple(sorted(one.name for one in wifi if one.is_automatic)),
            frozenset(one.uuid for one in wifi),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"NetworkManager: objects of an unknown format: {error!r}") from error


def profile_paths(objects: Objects) -> list[str]:
    """Return the paths of the saved connections."""
    return sorted(path for path, interfaces in objects.items() if PROFILE in interfaces)


def profile(path: str, settings: Settings) -> ConnectionProfile:
    """Return the profile of `path`. Raises ProtocolError for settings of another format."""
    try:
        connection = settings["connection"]
        name, kind, uuid = (connection[key][1] for key in ("id", "type", "uuid"))
        mode = settings.get(WIFI_TYPE, {}).get("mode", ("s", "infrastructure"))[1]
        automatic = connection.get("autoconnect", ("b", True))[1]
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"NetworkManager: a profile of an unknown format: {error!r}") from error
    is_wifi, is_access_point = kind == WIFI_TYPE, mode == "ap"
    return ConnectionProfile(path, name, is_wifi, is_access_point, bool(automatic), uuid)


def _uplink(objects: Objects, connection: str) -> str:
    """Return the interface of an active connection, empty if `connection` is / or has ended."""
    active = objects.get(connection, {}).get(ACTIVE)
    devices = active["Devices"][1] if active else []
    return str(objects[devices[0]][DEVICE]["Interface"][1]) if devices else ""


def _devices(objects: Objects) -> Iterable[NetworkDevice]:
    devices = [interfaces for interfaces in objects.values() if DEVICE in interfaces]
    for device in sorted(devices, key=lambda interfaces: interfaces[DEVICE]["Interface"][1]):
        general, wireless = device[DEVICE], device.get(WIRELESS)
        if general["State"][1] <= UNMANAGED:
            continue
        active = objects.get(general["ActiveConnection"][1], {}).get(ACTIVE)
        is_serving = active and wireless and wireless["Mode"][1] == ACCESS_POINT
        is_wired = general["DeviceType"][1] == ETHERNET
        yield NetworkDevice(
            general["Interface"][1],
            is_wifi=wireless is not None,
            has_carrier=is_wired and bool(device[WIRED]["Carrier"][1]),
            access_point=active["Id"][1] if active and is_serving else "",
        )
