"""Which connections may stay: a bound in all, and a bound for each device.

When all places are taken the oldest connection that never sent an authentic frame
gives way, so that silent or hostile peers cannot keep a meter out. A device that
connects again (its old connection may be half open for minutes) replaces its oldest.
"""

from __future__ import annotations

from typing import Protocol

from hems.protocols.d2l import format_id
from hems.workers.eesmart_d2l.refusals import Reason, Refused


class Connection(Protocol):
    def evict(self, refused: Refused) -> None:
        """End the connection for the given reason."""


class Connections:
    """The open connections, oldest first, and the device of each that is known."""

    def __init__(self, limit: int, limit_per_device: int) -> None:
        self._limit = limit
        self._limit_per_device = limit_per_device
        self._open: dict[Connection, int | None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Give `connection` a place; raise Refused if every place is a known device's."""
        if len(self._open) >= self._limit:
            self._evict_oldest(None, f"{self._limit} are open; the oldest silent one gives way")
        self._open[connection] = None

    def identify(self, connection: Connection, device_id: int) -> None:
        """Note that an authentic frame of `device_id` came.

        Raises Refused on a second device, and for a connection that was evicted.
        """
        if connection not in self._open:
            raise Refused(Reason.CONNECTIONS, "it was evicted")
        known = self._open[connection]
        if known == device_id:
            return
        if known is not None:
            found, expected = format_id(device_id), format_id(known)
            raise Refused(Reason.OTHER_DEVICE, f"found {found}, expected {expected}")
        own = sum(one == device_id for one in self._open.values())
        if own >= self._limit_per_device:
            name = format_id(device_id)
            self._evict_oldest(device_id, f"{own} of device {name}; its oldest gives way")
        self._open[connection] = device_id

    def remove(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def _evict_oldest(self, device_id: int | None, detail: str) -> None:
        for connection, known in self._open.items():
            if known == device_id:
                del self._open[connection]
                connection.evict(Refused(Reason.CONNECTIONS, detail))
                return
        raise Refused(Reason.CONNECTIONS, f"{self._limit} devices are connected already")
