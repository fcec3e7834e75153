"""Read what a device sends packet by packet, and hold back announcements that are not its own.

An announcement that is refused goes on without its topic, retain flag and payload, so that
mosquitto still acknowledges it. A will that is one ends the connection. Packets that are no
announcements pass while they arrive.

PUBLISH (MQTT 3.1.1 and 5, section 3.3): topic, then a packet identifier if the QoS is not 0, then
in MQTT 5 properties, then the payload. An empty topic would refer to an earlier one; provision's
configuration allows no such alias.
"""

from __future__ import annotations

import mqtt_packets
from announcements import Announcements
from mqtt_packets import CONNECT, KIND, PUBLISH, QOS, RETAIN

LONGEST = 1 << 17  # bytes of a CONNECT, and of an announcement
REFUSED = b"refused"  # a topic; whoever may write it writes nothing there
VERSION_5 = 5
WILL, USER = 0x04, 0x80  # flags of CONNECT


class Refused(Exception):
    """The connection ends."""


class PacketFilter:
    """Of one connection."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements
        self._user = ""
        self._version = 0
        self._buffer = bytearray()
        self._passing = 0  # bytes of the current packet that may pass

    def passed(self, data: bytes) -> bytes:
        """Return what may go on. Raises Refused."""
        self._buffer += data
        out = bytearray()
        while self._buffer:
            if not self._passing:
                packet = self._next()
                if packet is None:
                    break
                out += packet
                continue
            out += self._buffer[: self._passing]
            count = min(self._passing, len(self._buffer))
            del self._buffer[:count]
            self._passing -= count
        return bytes(out)

    def _next(self) -> bytes | None:
        """Return what goes on of the packet that begins; None if more of it has to come first."""
        try:
            bounds = mqtt_packets.packet_bounds(self._buffer)
        except ValueError as error:
            raise Refused from error
        kind = self._buffer[0] & KIND
        if bounds is None:
            return None
        start, end = bounds
        topic = self._topic(start, end) if kind == PUBLISH else ""
        if topic is None:
            return None
        if kind != CONNECT and not (topic and self._announcements.rights.is_announcement(topic)):
            self._passing = end
            return b""
        if end > LONGEST:
            raise Refused
        if len(self._buffer) < end:
            return None
        packet = bytes(self._buffer[:end])
        del self._buffer[:end]
        if kind == PUBLISH:
            return self._judged(packet, start)
        self._log_in(packet[start:])
        return packet

    def _topic(self, start: int, end: int) -> str | None:
        """Return the topic of a PUBLISH, None if it has not come whole. Raises Refused."""
        size = int.from_bytes(self._buffer[start : start + 2], "big")
        stop = start + 2 + size
        if end < stop:
            raise Refused
        if len(self._buffer) < max(stop, start + 2):
            return None
        if not size:
            raise Refused
        return self._buffer[start + 2 : stop].decode(errors="replace")

    def _judged(self, packet: bytes, start: int) -> bytes:
        reader = _Reader(packet[start:])
        topic = reader.text()
        identifier = reader.take(2) if packet[0] & QOS else b""
        if self._version == VERSION_5:
            reader.properties()
        if self._announcements.is_admitted(self._user, topic, reader.rest()):
            return packet
        body = len(REFUSED).to_bytes(2, "big") + REFUSED + identifier
        if self._version == VERSION_5:
            body += b"\0"
        return bytes([packet[0] & ~RETAIN]) + bytes([len(body)]) + body

    def _log_in(self, body: bytes) -> None:
        """Take the user's name, and judge the will. Raises Refused."""
        reader = _Reader(body)
        reader.text()
        self._version, flags = reader.take(1)[0], reader.take(1)[0]
        reader.take(2)
        if self._version == VERSION_5:
            reader.properties()
        reader.text()
        topic, payload = "", b""
        if flags & WILL:
            if self._version == VERSION_5:
                reader.properties()
            topic, payload = reader.text(), reader.data()
        self._user = reader.text() if flags & USER else ""
        if not self._announcements.is_admitted(self._user, topic, payload):
            raise Refused


class _Reader:
    """Reads the fields of a packet one after the other. Raises Refused at its end."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        self._at += count
        if self._at > len(self._body):
            raise Refused
        return self._body[self._at - count : self._at]

    def data(self) -> bytes:
        return self.take(int.from_bytes(self.take(2), "big"))

    def text(self) -> str:
        return self.data().decode(errors="replace")

    def properties(self) -> None:
        size, shift = 0, 0
        for _ in range(4):
            octet = self.take(1)[0]
            size |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                self.take(size)
                return
        raise Refused

    def rest(self) -> bytes:
        return self._body[self._at :]
