"""The client of the host's NetworkManager, over D-Bus; protocols/host decodes its replies."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, Message, new_method_call

from hems.errors import ProtocolError, Rejected
from hems.protocols.host import network_manager as protocol
from hems.protocols.host.network_manager import (
    NAME,
    OBJECTS,
    PROFILE,
    SETTINGS,
    WIFI_SECURITY,
    ConnectionProfile,
    NetworkState,
    Objects,
    SavedWifi,
    Settings,
)
from hems.system.network.dbus import Bus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
TIMEOUT_S = 5.0  # for one of the methods below as a whole


class NetworkManager:
    """NetworkManager; each method uses a new connection, so a restart leaves nothing behind.

    `bus` is the socket of the system bus. Raises Unavailable when NetworkManager does not
    answer, Rejected when it refuses, ProtocolError when the reply makes no sense.
    """

    def __init__(self, bus: Path) -> None:
        self._bus = bus

    def state(self) -> NetworkState:
        """Return the current state of the network."""
        with Bus(self._bus, TIMEOUT_S) as bus:
            objects = _objects(bus)
            return protocol.network(objects, _profiles(bus, objects))

    def forget_access_point(self, name: str) -> None:
        """Close and delete every access point `name` that NetworkManager has a profile of."""
        with Bus(self._bus, TIMEOUT_S) as bus:
            for profile in _profiles(bus, _objects(bus)):
                if profile.is_wifi and profile.is_access_point and profile.name == name:
                    _call(bus, profile.path, PROFILE, "Delete")

    def wifi_profiles(self) -> tuple[SavedWifi, ...]:
        """Return the saved Wi-Fi networks, with their secrets."""
        with Bus(self._bus, TIMEOUT_S) as bus:
            return tuple(_saved(bus, _objects(bus)))

    def restore(self, kept: tuple[SavedWifi, ...]) -> dict[SavedWifi, str]:
        """Save these again; return why each cannot be saved, empty if it is.

        Raises Unavailable without NetworkManager.
        """
        with Bus(self._bus, TIMEOUT_S) as bus:
            return {profile: _save(bus, profile) for profile in kept}


def _save(bus: Bus, profile: SavedWifi) -> str:
    """Save the profile again and return why that failed, empty if it did not."""
    try:
        bus.call(_message(profile))
    except (Rejected, ProtocolError) as error:
        return str(error)
    return ""


def _addition(settings: Settings) -> bytes:
    address = DBusAddress(SETTINGS, NAME, f"{NAME}.Settings")
    message = new_method_call(address, "AddConnection", "a{sa{sv}}", (settings,))
    return bytes(message.serialise(serial=1))


def _message(profile: SavedWifi) -> Message:
    """Return the message that saves the profile again. Raises ProtocolError if it is damaged."""
    try:
        return Message.from_buffer(profile.addition)
    except (struct.error, AssertionError, ValueError, LookupError, TypeError) as error:
        text = f"{profile.name}: expected a D-Bus message, found {error!r}"
        raise ProtocolError(text) from error


def _saved(bus: Bus, objects: Objects) -> Iterator[SavedWifi]:
    for path in protocol.profile_paths(objects):
        try:
            (settings,) = _call(bus, path, PROFILE, "GetSettings")
            profile = protocol.profile(path, settings)
            if not profile.is_wifi or profile.is_access_point:
                continue
            secrets = {}
            if WIFI_SECURITY in settings:
                (secrets,) = _call(bus, path, PROFILE, "GetSecrets", WIFI_SECURITY)
        except Rejected:  # deleted meanwhile
            continue
        addition = _addition(protocol.with_secrets(settings, secrets))
        yield SavedWifi(profile.uuid, profile.name, addition)


def _objects(bus: Bus) -> Objects:
    objects: Objects
    (objects,) = _call(bus, OBJECTS, OBJECT_MANAGER, "GetManagedObjects")
    return objects


def _profiles(bus: Bus, objects: Objects) -> Iterator[ConnectionProfile]:
    for path in protocol.profile_paths(objects):
        try:
            (settings,) = _call(bus, path, PROFILE, "GetSettings")
        except Rejected:  # deleted meanwhile
            continue
        yield protocol.profile(path, settings)


def _call(
    bus: Bus, path: str, interface: str, method: str, argument: str | None = None
) -> tuple[Any, ...]:
    address = DBusAddress(path, NAME, interface)
    if argument is None:
        return bus.call(new_method_call(address, method))
    return bus.call(new_method_call(address, method, "s", (argument,)))
