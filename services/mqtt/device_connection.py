"""One connection of a device, and mosquitto's end of it.

Mosquitto hears of the connection once its CONNECT has arrived, and of what follows once it has
accepted that: half a login takes no place there. Its answer, CONNACK, has the reason in the fourth
byte, 0 for success (MQTT 3.1.1 and 5, section 3.2).
"""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE

from announcements import Announcements
from device_addresses import OTHERS, DeviceAddress, DeviceAddresses
from packet_filter import PacketFilter, Refused

CHUNK = 1 << 14  # bytes that wait in either direction
LOGIN_S = 10.0  # until mosquitto has accepted the login
CONNACK_SIZE = 4
PROXY = b"PROXY "
HEADER = re.compile(rb"PROXY TCP[46] ([0-9a-fA-F.:]{2,45}) [^\r\n]{1,60}\r\n")
LONGEST_HEADER = 107  # of version 1


class DeviceConnection:
    """Moves bytes as fast as the device's address may send and both ends take them."""

    def __init__(
        self,
        device: socket.socket,
        mosquitto: Path,
        addresses: DeviceAddresses,
        announcements: Announcements,
    ) -> None:
        self.device = device
        self.broker: socket.socket | None = None
        self._mosquitto = mosquitto
        self._addresses = addresses
        self._address: DeviceAddress | None = None
        self._filter = PacketFilter(announcements)
        self._head = self._to_broker = self._to_device = self._connack = b""
        self.deadline: float | None = None  # monotonic seconds; None once logged in

    @property
    def is_slow(self) -> bool:
        """Return whether the device has not taken what was sent to it."""
        return bool(self._to_device)

    @property
    def address_name(self) -> str:
        """Return the device's address, empty while it is unknown."""
        return "" if self._address is None else self._address.name

    def wanted(self, now: float) -> tuple[int, int]:
        """Return for which events of the device's and of mosquitto's end to wait."""
        may_send = self._address is None or self._address.bytes.left(now) > 0
        if self.broker is not None:
            may_send &= self.deadline is None and self._filter.work.left(now) > 0
        device = EVENT_READ if not self._to_broker and may_send else 0
        broker = 0 if self._to_device else EVENT_READ
        return (
            device | (EVENT_WRITE if self._to_device else 0),
            broker | (EVENT_WRITE if self._to_broker else 0),
        )

    def move(self, now: float) -> None:
        """Move what is there. Raises Refused or OSError at the end of the connection."""
        from_device, from_broker = self.wanted(now)
        if from_device & EVENT_READ:
            self._take(_received(self.device), now)
        if self.broker is None:
            return
        if from_broker & EVENT_READ:
            self._to_device = _received(self.broker)
            self._check(self._to_device)
        self._to_broker = _unsent(self.broker, self._to_broker)
        self._to_device = _unsent(self.device, self._to_device)

    def close(self) -> None:
        for end in (self.device, self.broker):
            if end is not None:
                end.close()
        if self._address is not None:
            self._address.connections -= 1

    def _take(self, data: bytes, now: float) -> None:
        """Take what the device has sent; once its CONNECT is whole, mosquitto is connected."""
        count = len(data)
        if self._address is None:
            self._head += data
            self._address = self._identified(now)
            data = self._head
        if self._address is None or not data:
            return
        self._address.bytes.take(count)
        self._pass(data)
        if self.broker is None and self._to_broker:
            self.broker = socket.socket(socket.AF_UNIX)
            self.broker.connect(str(self._mosquitto))
            self.broker.setblocking(False)

    def _pass(self, data: bytes) -> None:
        """Have the filter read `data`; the login pays for its work. Raises Refused."""
        began_at = time.thread_time()
        self._to_broker += self._filter.passed(data)
        if self._filter.is_logged_in:
            self._filter.work.take(time.thread_time() - began_at)

    def _identified(self, now: float) -> DeviceAddress | None:
        """Return the device's address once it is known. Raises Refused if it may not come."""
        data = self._head
        if data[: len(PROXY)] != PROXY[: len(data)]:
            address = DeviceAddress(OTHERS)
        elif header := HEADER.match(data):
            self._head = data[header.end() :]
            address = self._addresses.named(header[1].decode())
        elif len(data) > LONGEST_HEADER or b"\n" in data:
            raise Refused
        else:
            return None
        if not address.is_admitted(now):
            raise Refused
        address.connections += 1
        return address

    def _check(self, data: bytes) -> None:
        """Look at mosquitto's answer to the login in `data`. Raises Refused."""
        if self.deadline is None or self._address is None:
            return
        self._connack += data[:CONNACK_SIZE]
        if len(self._connack) < CONNACK_SIZE:
            return
        self.deadline = None
        if self._connack[3]:
            self._addresses.refuse(self._address)
        else:
            self._filter.is_logged_in = True
            self._pass(b"")


def _received(end: socket.socket) -> bytes:
    try:
        data = end.recv(CHUNK)
    except BlockingIOError:
        return b""
    if not data:
        raise Refused
    return data


def _unsent(end: socket.socket, data: bytes) -> bytes:
    try:
        return data[end.send(data) :] if data else b""
    except BlockingIOError:
        return data
