"""Read what a device sends packet by packet: refuse what is too much, and hold back announcements.

Which announcements are held back says announcements.py. One goes on without its topic, retain flag,
properties and payload, so that mosquitto still acknowledges it. A will that is one ends the
connection. Payloads of other messages pass while they arrive; of everything else, whole packets.

MQTT 3.1, 3.1.1 and 5; sections are those of MQTT 5. Mosquitto reads each packet as this module
does: no CONNECT passes that either could take for another version. Sessions end with their
connection, so what a login subscribes to does not add up. Provision's configuration allows no
topic alias.
"""

from __future__ import annotations

from collections.abc import Iterator

import mqtt_packets
from announcements import Announcements
from mqtt_packets import (
    CONNECT,
    DISCONNECT,
    KIND,
    PINGREQ,
    PUBACK,
    PUBCOMP,
    PUBLISH,
    PUBREC,
    PUBREL,
    QOS,
    RETAIN,
    SUBSCRIBE,
    UNSUBSCRIBE,
    FieldReader,
)
from token_bucket import TokenBucket

VERSIONS = {(b"MQIsdp", 3), (b"MQTT", 4), (b"MQTT", 5)}
VERSION_5 = 5
# Bytes of a packet.
LONGEST_CONNECT = 1 << 13
LONGEST_ANNOUNCEMENT = 1 << 15  # announcements.py takes half of it
LONGEST_SUBSCRIBE = 1 << 14
LONGEST_OTHER = 1 << 11
OTHERS = {DISCONNECT, PINGREQ, PUBACK, PUBCOMP, PUBREC, PUBREL}
LONGEST_PROPERTIES = 1 << 10  # bytes
FILTERS, FILTER_LEVELS, LONGEST_FILTER = 100, 16, 512  # of one connection; bytes
REFUSED = b"refused"  # a topic; whoever may write it writes nothing there
# Flags of CONNECT, section 3.1.2.3.
RESERVED, CLEAN_START, WILL, WILL_QOS, WILL_RETAIN = 0x01, 0x02, 0x04, 0x18, 0x20
PASSWORD, USER = 0x40, 0x80
SESSION_EXPIRY = 0x11
# Bytes of each property of a CONNECT, section 3.1.2.11; a text is preceded by its length.
TEXT = -1
PROPERTIES = {
    0x11: (4,),
    0x15: (TEXT,),
    0x16: (TEXT,),
    0x17: (1,),
    0x19: (1,),
    0x21: (2,),
    0x22: (2,),
    0x26: (TEXT, TEXT),
    0x27: (4,),
}


class Refused(Exception):
    """The connection ends."""


class PacketFilter:
    """Of one connection. What follows its CONNECT waits until it is logged in."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements
        self.is_logged_in = False  # whoever reads mosquitto's answer sets it
        self._user = ""
        self._version = 0  # until there was a CONNECT
        self._filters: set[bytes] = set()
        self._buffer = bytearray()
        self._passing = 0  # bytes of the current packet that may pass

    @property
    def work(self) -> TokenBucket:
        """Return how much of the processor the login may still use (s)."""
        return self._announcements.work(self._user)

    def passed(self, data: bytes) -> bytes:
        """Return what may go on. Raises Refused."""
        self._buffer += data
        try:
            return self._admitted()
        except ValueError as error:  # no MQTT
            raise Refused from error

    def _admitted(self) -> bytes:
        out = bytearray()
        while self._buffer and (self.is_logged_in or not self._version):
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
        head = self._buffer[0]
        bounds = self._bounds(head)
        if bounds is None:
            return None
        start, end = bounds
        if head & KIND == PUBLISH:
            topic = self._topic(start, end)
            if topic is None:
                return None
            if not self._announcements.rights.is_announcement(topic):
                is_kept = bool(head & RETAIN)
                if not self._announcements.hears(self._user, topic, end, is_kept=is_kept):
                    raise Refused
                self._passing = end
                return b""
        if end > _longest(head):
            raise Refused
        if len(self._buffer) < end:
            return None
        packet = bytes(self._buffer[:end])
        del self._buffer[:end]
        return self._whole(packet, start)

    def _whole(self, packet: bytes, start: int) -> bytes:
        """Return what goes on of a packet whose body begins at `start`. Raises Refused."""
        head = packet[0]
        if head & KIND == PUBLISH:
            return self._judged(packet, start)
        if head == CONNECT:
            return self._log_in(packet, start)
        if head in (SUBSCRIBE, UNSUBSCRIBE):
            self._subscribe(head, packet[start:])
        return packet

    def _bounds(self, head: int) -> tuple[int, int] | None:
        if (head == CONNECT) is (self._version != 0):  # it is the first packet, and no other
            raise Refused
        return mqtt_packets.packet_bounds(self._buffer)

    def _topic(self, start: int, end: int) -> str | None:
        """Return the topic of a PUBLISH once its properties' length has come (section 3.3.2).

        Raises Refused.
        """
        reader = FieldReader(bytes(self._buffer[start : min(end, start + (1 << 16) + 8)]))
        if self._buffer[0] & QOS == QOS:
            raise Refused
        try:
            topic = reader.data().decode(errors="replace")
            reader.take(2 if self._buffer[0] & QOS else 0)
            size = reader.varint() if self._version == VERSION_5 else 0
        except ValueError:
            if len(self._buffer) >= end:
                raise
            return None
        if not topic or size > LONGEST_PROPERTIES or start + reader.at + size > end:
            raise Refused
        return topic

    def _judged(self, packet: bytes, start: int) -> bytes:
        reader = FieldReader(packet[start:])
        topic = reader.data().decode(errors="replace")
        identifier = reader.take(2) if packet[0] & QOS else b""
        self._properties(reader)
        if self._announcements.is_admitted(self._user, topic, reader.rest()):
            return packet
        body = len(REFUSED).to_bytes(2, "big") + REFUSED + identifier
        if self._version == VERSION_5:
            body += b"\0"
        return bytes([packet[0] & ~RETAIN]) + bytes([len(body)]) + body

    def _log_in(self, packet: bytes, start: int) -> bytes:
        """Return a CONNECT whose session ends with the connection (section 3.1). Raises Refused."""
        changed = bytearray(packet)
        reader = FieldReader(packet[start:])
        name, self._version = reader.data(), reader.take(1)[0]
        flags = reader.take(1)[0]
        if (name, self._version) not in VERSIONS or not _is_valid(flags):
            raise Refused
        changed[start + reader.at - 1] = flags | CLEAN_START
        reader.take(2)
        for key, at in _connect_properties(reader) if self._version == VERSION_5 else ():
            if key == SESSION_EXPIRY:
                changed[start + at : start + at + 4] = bytes(4)
        reader.text()
        topic, payload = "", b""
        if flags & WILL:
            self._properties(reader)
            topic, payload = reader.text(), reader.data()
        self._user = reader.text() if flags & USER else ""
        if flags & PASSWORD:
            reader.data()
        is_admitted = self._announcements.is_will_admitted(topic, len(payload))
        if reader.rest() or not is_admitted:
            raise Refused
        return bytes(changed)

    def _subscribe(self, head: int, body: bytes) -> None:
        """Count the filters of a SUBSCRIBE or UNSUBSCRIBE (sections 3.8, 3.10). Raises Refused."""
        reader = FieldReader(body)
        reader.take(2)
        self._properties(reader)
        while reader.rest():
            topics = reader.data()
            if len(topics) > LONGEST_FILTER or topics.count(b"/") >= FILTER_LEVELS:
                raise Refused
            if head == SUBSCRIBE:
                reader.take(1)
                self._filters.add(topics)
            else:
                self._filters.discard(topics)
        if len(self._filters) > FILTERS:
            raise Refused

    def _properties(self, reader: FieldReader) -> None:
        if self._version == VERSION_5:
            reader.take(_checked(reader.varint()))


def _is_valid(flags: int) -> bool:
    """Return whether the flags of a CONNECT fit together."""
    is_will_less = not flags & WILL and flags & (WILL_QOS | WILL_RETAIN)
    return not (flags & RESERVED or flags & WILL_QOS == WILL_QOS or is_will_less)


def _longest(head: int) -> int:
    """Return how long a packet that passes as a whole may be (bytes). Raises Refused."""
    if head & KIND == PUBLISH:
        return LONGEST_ANNOUNCEMENT
    if head == CONNECT:
        return LONGEST_CONNECT
    if head in (SUBSCRIBE, UNSUBSCRIBE):
        return LONGEST_SUBSCRIBE
    if head in OTHERS:
        return LONGEST_OTHER
    raise Refused


def _checked(size: int) -> int:
    """Return the length of properties (bytes). Raises Refused."""
    if size > LONGEST_PROPERTIES:
        raise Refused
    return size


def _connect_properties(reader: FieldReader) -> Iterator[tuple[int, int]]:
    """Yield each property of a CONNECT, and where its value begins. Raises ValueError."""
    end = _checked(reader.varint())
    end += reader.at
    while reader.at < end:
        key = reader.varint()
        if key not in PROPERTIES:
            raise ValueError("an unknown property of a CONNECT")
        yield key, reader.at
        for size in PROPERTIES[key]:
            reader.take(int.from_bytes(reader.take(2), "big") if size == TEXT else size)
    if reader.at != end:
        raise ValueError("properties of a CONNECT that end too late")
