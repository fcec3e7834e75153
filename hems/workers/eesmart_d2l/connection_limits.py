"""Limit the open connections: a maximum for all, and a maximum for each device.

When all places are taken, the worker ends the oldest connection that never sent an authentic
frame, so that silent or hostile peers cannot keep a meter out. When a device has all its places,
because its old connections may stay half open for minutes, its newest replaces its oldest.
"""

from __future__ import annotations

from hems.protocols.linky.d2l_frames import format_id
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason


class Connections:
    """The open connections, oldest first, each with its device's id once that is known."""

    def __init__(self, limit: int, limit_per_device: int) -> None:
        self._limit = limit
        self._limit_per_device = limit_per_device
        self._device_ids: dict[DongleConnection, int | None] = {}

    def __len__(self) -> int:
        return len(self._device_ids)

    def add(self, connection: DongleConnection) -> None:
        """Give `connection` a place.

        Raises FrameRefused if known devices hold every place.
        """
        if len(self._device_ids) >= self._limit:
            self._evict_oldest(None, f"{self._limit} are open, so the oldest silent one ends")
        self._device_ids[connection] = None

    def identify(self, connection: DongleConnection, device_id: int) -> None:
        """Record that `connection` sent an authentic frame of `device_id`.

        Raises FrameRefused for a second device on one connection, and for an evicted connection.
        """
        if connection not in self._device_ids:
            raise FrameRefused(RefusalReason.CONNECTIONS, "it was evicted")
        known_id = self._device_ids[connection]
        if known_id == device_id:
            return
        if known_id is not None:
            detail = f"found {format_id(device_id)}, expected {format_id(known_id)}"
            raise FrameRefused(RefusalReason.OTHER_DEVICE, detail)
        count = sum(open_id == device_id for open_id in self._device_ids.values())
        if count >= self._limit_per_device:
            detail = f"{count} of device {format_id(device_id)} are open, so its oldest ends"
            self._evict_oldest(device_id, detail)
        self._device_ids[connection] = device_id

    def remove(self, connection: DongleConnection) -> None:
        """Free the connection's place, if it still has one."""
        self._device_ids.pop(connection, None)

    def _evict_oldest(self, device_id: int | None, detail: str) -> None:
        for connection, known_id in self._device_ids.items():
            if known_id == device_id:
                del self._device_ids[connection]
                connection.evict(FrameRefused(RefusalReason.CONNECTIONS, detail))
                return
        raise FrameRefused(
            RefusalReason.CONNECTIONS, f"{self._limit} devices are connected already"
        )
