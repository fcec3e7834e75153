"""Limit the open connections: a maximum for all, and a maximum for each device.

A connection keeps its place once it has proven its device, with a reading that nobody can forge.
When all places are taken, the address that has most of the others loses its oldest, so that silent
or hostile peers cannot keep a meter out. When a device has all its places, because its old
connections may stay half open for minutes, its newest replaces its oldest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hems.protocols.linky.d2l_frames import format_id
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason


@dataclass
class _Place:
    device_id: int | None = None
    is_proven: bool = False


class Connections:
    """The open connections, oldest first, each with its device's id once that is known."""

    def __init__(self, limit: int, limit_per_device: int) -> None:
        self._limit = limit
        self._limit_per_device = limit_per_device
        self._places: dict[DongleConnection, _Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, connection: DongleConnection) -> None:
        """Give `connection` a place.

        Raises FrameRefused if known devices hold every place.
        """
        if len(self._places) >= self._limit:
            self._evict_stranger()
        self._places[connection] = _Place()

    def identify(self, connection: DongleConnection, device_id: int) -> None:
        """Record that `connection` sent a new frame of `device_id` whose CRC is right.

        Raises FrameRefused for a second device on one connection, and for an evicted connection.
        """
        place = self._places.get(connection)
        if place is None:
            raise FrameRefused(RefusalReason.CONNECTIONS, "it was evicted")
        if place.device_id == device_id:
            return
        if place.device_id is not None:
            detail = f"found {format_id(device_id)}, expected {format_id(place.device_id)}"
            raise FrameRefused(RefusalReason.OTHER_DEVICE, detail)
        self._make_room(_Place(device_id))
        place.device_id = device_id

    def prove(self, connection: DongleConnection) -> None:
        """Record that only the device itself can have sent what came on `connection`."""
        place = self._places.get(connection)
        if place is not None and not place.is_proven:
            self._make_room(_Place(place.device_id, is_proven=True))
            place.is_proven = True

    def is_proven(self, connection: DongleConnection) -> bool:
        place = self._places.get(connection)
        return place is not None and place.is_proven

    def remove(self, connection: DongleConnection) -> None:
        """Free the connection's place, if it still has one."""
        self._places.pop(connection, None)

    def _make_room(self, wanted: _Place) -> None:
        """End the oldest connection with a place as `wanted`, if there are as many as may be."""
        equal = [one for one, place in self._places.items() if place == wanted]
        if len(equal) >= self._limit_per_device:
            device = format_id(wanted.device_id or 0)
            self._evict(equal[0], f"{len(equal)} of device {device} are open, so its oldest ends")

    def _evict_stranger(self) -> None:
        """End the oldest unproven connection of the address that has most of them."""
        unproven = [one for one, place in self._places.items() if not place.is_proven]
        silent = [one for one in unproven if self._places[one].device_id is None]
        strangers = silent or unproven
        if not strangers:
            detail = f"{self._limit} devices are connected already"
            raise FrameRefused(RefusalReason.CONNECTIONS, detail)
        counts = Counter(one.address for one in strangers)
        address = counts.most_common(1)[0][0]
        oldest = next(one for one in strangers if one.address == address)
        self._evict(oldest, f"{self._limit} are open, so the oldest of {address} ends")

    def _evict(self, connection: DongleConnection, detail: str) -> None:
        del self._places[connection]
        connection.evict(FrameRefused(RefusalReason.CONNECTIONS, detail))
