"""The devices' door: lead each of their connections to mosquitto, within limits.

nginx leads devices here. Mosquitto cannot bound how much a connection sends or how often somebody
guesses a password. Because this program also counts what mosquitto publishes, in the same loop, no
device sends faster than its messages are counted.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, BaseSelector

from announcements import Announcements
from device_addresses import DeviceAddresses
from device_connection import LOGIN_S, DeviceConnection
from packet_filter import Refused

CONNECTIONS = 640  # what nginx admits at both of its ports
BACKLOG = 64
BUFFER = 1 << 14  # bytes
Callback = Callable[[float], None]


class DeviceDoor:
    """Every socket is in `selector`, with a function of the monotonic time (s) to call."""

    def __init__(
        self,
        selector: BaseSelector,
        port: int,
        mosquitto: Path,
        announcements: Announcements,
    ) -> None:
        self._selector = selector
        self._mosquitto = mosquitto
        self._announcements = announcements
        self._connections: dict[DeviceConnection, tuple[int, int]] = {}
        self.addresses = DeviceAddresses()
        self._listener = socket.create_server(("", port), backlog=BACKLOG)
        self._listener.setblocking(False)
        selector.register(self._listener, EVENT_READ, self._accept)

    def tick(self, now: float) -> None:
        """End who has not logged in in time, and let those send again who had sent too fast."""
        for connection in list(self._connections):
            if connection.deadline is not None and connection.deadline <= now:
                self._end(connection)
            else:
                self._wait_for(connection, now)

    def end_slow(self) -> None:
        """End each connection whose device does not read: mosquitto keeps what waits for it."""
        for connection in list(self._connections):
            if connection.is_slow:
                self._end(connection)

    def _accept(self, now: float) -> None:
        with suppress(OSError):
            device, _ = self._listener.accept()
            if len(self._connections) >= CONNECTIONS and not self._end_silent():
                device.close()
                return
            device.setblocking(False)
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # the kernel's count as well
                device.setsockopt(socket.SOL_SOCKET, buffer, BUFFER)
            connection = DeviceConnection(
                device, self._mosquitto, self.addresses, self._announcements
            )
            connection.deadline = now + LOGIN_S
            self._connections[connection] = (0, 0)
            self._wait_for(connection, now)

    def _end_silent(self) -> bool:
        """End a connection that has not logged in; return whether there was one.

        The address that has most of them loses its oldest, so many of one address cost no other.
        """
        silent = [one for one in self._connections if one.deadline is not None]
        counts = Counter(one.address_name for one in silent)
        if not silent:
            return False
        most = counts.most_common(1)[0][0]
        self._end(next(one for one in silent if one.address_name == most))
        return True

    def _move(self, connection: DeviceConnection, now: float) -> None:
        if connection not in self._connections:  # it ended in this round
            return
        try:
            connection.move(now)
        except (OSError, Refused):
            self._end(connection)
        else:
            self._wait_for(connection, now)

    def _wait_for(self, connection: DeviceConnection, now: float) -> None:
        """Wait for the events that the connection wants now."""
        wanted, before = connection.wanted(now), self._connections[connection]
        ends = (connection.device, connection.broker)
        for end, events, earlier in zip(ends, wanted, before, strict=True):
            if end is None or events == earlier:
                continue
            if not earlier:
                self._selector.register(end, events, lambda at: self._move(connection, at))
            elif events:
                self._selector.modify(end, events, lambda at: self._move(connection, at))
            else:
                self._selector.unregister(end)
        self._connections[connection] = (wanted[0], wanted[1] if connection.broker else 0)

    def _end(self, connection: DeviceConnection) -> None:
        registered = self._connections.pop(connection)
        for end, events in zip((connection.device, connection.broker), registered, strict=True):
            if end is not None and events:
                self._selector.unregister(end)
        connection.close()
