"""Decode NetworkManager's D-Bus objects into the state of the network and its saved profiles.

One answer of GetManagedObjects has all objects: {path: {interface: {property: (signature,
value)}}}. The settings of a profile are {section: {key: (signature, value)}}. Names and numbers are
those of the D-Bus API (nm-dbus-interface.h). NetworkManager also lists devices that it does not
manage; this module leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from hems.errors import ProtocolError

NAME = "org.freedesktop.NetworkManager"
MANAGER = "/org/freedesktop/NetworkManager"
OBJECTS = "/org/freedesktop"  # where org.freedesktop.DBus.ObjectManager is
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
    `known_wifi` has the names of the Wi-Fi profiles that NetworkManager joins automatically.
    """

    connectivity: Connectivity
    uplink: str = ""
    devices: tuple[NetworkDevice, ...] = ()
    known_wifi: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectionProfile:
    """A saved connection."""

    path: str
    name: str
    is_wifi: bool
    is_access_point: bool
    is_automatic: bool


@dataclass(frozen=True)
class SavedWifi:
    """A profile of a Wi-Fi network with its secrets, to be saved again as it was."""

    uuid: str
    name: str
    settings: Settings = field(repr=False)


def saved_wifi(settings: Settings, secrets: Settings) -> SavedWifi:
    """Return the profile with its `secrets`. Raises ProtocolError without a UUID or a name."""
    merged = {
        section: {**values, **secrets.get(section, {})} for section, values in settings.items()
    }
    try:
        connection = settings["connection"]
        return SavedWifi(connection["uuid"][1], connection["id"][1], merged)
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"NetworkManager: a profile of an unknown format: {error!r}") from error


def network(objects: Objects, profiles: Iterable[ConnectionProfile]) -> NetworkState:
    """Return the state of the network. Raises ProtocolError for objects of another format."""
    try:
        manager = objects[MANAGER][NAME]
        return NetworkState(
            Connectivity(manager["Connectivity"][1]),
            _uplink(objects, manager["PrimaryConnection"][1]),
            tuple(_devices(objects)),
            tuple(sorted(profile.name for profile in profiles if _is_known(profile))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"NetworkManager: objects of an unknown format: {error!r}") from error


def profile_paths(objects: Objects) -> list[str]:
    """Return the paths of the saved connections."""
    return sorted(path for path, interfaces in objects.items() if PROFILE in interfaces)


def profile(path: str, settings: Mapping[str, Variants]) -> ConnectionProfile:
    """Return the profile of `path`. Raises ProtocolError for settings without a name or a type."""
    try:
        connection = settings["connection"]
        name, kind = connection["id"][1], connection["type"][1]
        mode = settings.get(WIFI_TYPE, {}).get("mode", ("s", "infrastructure"))[1]
        automatic = connection.get("autoconnect", ("b", True))[1]
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"NetworkManager: a profile of an unknown format: {error!r}") from error
    return ConnectionProfile(path, name, kind == WIFI_TYPE, mode == "ap", bool(automatic))


def _is_known(profile: ConnectionProfile) -> bool:
    return profile.is_wifi and profile.is_automatic and not profile.is_access_point


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
