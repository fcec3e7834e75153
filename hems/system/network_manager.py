"""NetworkManager of the host, over its D-Bus API. protocols/network_manager.py has the values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, new_method_call

from hems.errors import Rejected
from hems.protocols import network_manager as protocol
from hems.protocols.network_manager import NAME, OBJECTS, PROFILE, Network, Objects, Profile
from hems.system.dbus import Bus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
TIMEOUT_S = 5.0  # for one of the methods below as a whole


class NetworkManager:
    """Asked anew each time, over a connection of its own: nothing is left when it restarts.

    `bus` is the socket of the system bus. Raises Unavailable when NetworkManager does not
    answer, Rejected when it refuses, ProtocolError when the answer makes no sense.
    """

    def __init__(self, bus: Path) -> None:
        self._bus = bus

    def look(self) -> Network:
        """Return the network as it is now."""
        with Bus(self._bus, TIMEOUT_S) as bus:
            objects = _objects(bus)
            return protocol.network(objects, _profiles(bus, objects))

    def forget_access_point(self, name: str) -> None:
        """Close and delete every access point of our own making that is called `name`."""
        with Bus(self._bus, TIMEOUT_S) as bus:
            for one in _profiles(bus, _objects(bus)):
                if one.is_wifi and one.is_access_point and one.name == name:
                    _call(bus, one.path, PROFILE, "Delete")


def _objects(bus: Bus) -> Objects:
    (objects,) = _call(bus, OBJECTS, OBJECT_MANAGER, "GetManagedObjects")
    found: Objects = objects
    return found


def _profiles(bus: Bus, objects: Objects) -> Iterator[Profile]:
    for path in protocol.profile_paths(objects):
        try:
            (settings,) = _call(bus, path, PROFILE, "GetSettings")
        except Rejected:  # deleted meanwhile
            continue
        yield protocol.profile(path, settings)


def _call(bus: Bus, path: str, interface: str, method: str) -> tuple[Any, ...]:
    return bus.call(new_method_call(DBusAddress(path, NAME, interface), method))
