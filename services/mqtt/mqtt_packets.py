"""Write and read MQTT 5 packets: those with which run_mosquitto.py watches the broker, and fields.

MQTT 5, not 3.1.1, because only its subscriptions can keep the retain flag of what is published
(section 3.8.3.1, Retain As Published).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = (
    *(0x10, 0x20, 0x30),
    *(0x40, 0x50, 0x62, 0x70),
)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, PINGREQ, PINGRESP, DISCONNECT = (
    *(0x82, 0x90, 0xA2),
    *(0xC0, 0xD0, 0xE0),
)
KIND, RETAIN, QOS = 0xF0, 0x01, 0x06
CLEAN_START, NO_LOCAL, RETAIN_AS_PUBLISHED = 0x02, 0x04, 0x08
RECEIVE_SIZE = 1 << 16


class Packet(NamedTuple):
    """What the broker sent: its kind; of a PUBLISH also topic, payload and bytes of properties."""

    kind: int
    topic: str = ""
    payload: bytes = b""
    is_retained: bool = False
    properties: int = 0


def varint(number: int) -> bytes:
    """Return a Variable Byte Integer (section 1.5.5)."""
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + varint(len(body)) + body


def connect(client_id: str) -> bytes:
    """Return a CONNECT of MQTT 5 without keep-alive, login and properties."""
    head = _text("MQTT") + bytes([5, CLEAN_START, 0, 0, 0])
    return _packet(CONNECT, head + _text(client_id))


def subscribe(topics: str) -> bytes:
    """Return a SUBSCRIBE at QoS 0, with each message's retain flag and without our own messages."""
    return _packet(SUBSCRIBE, b"\0\1\0" + _text(topics) + bytes([NO_LOCAL | RETAIN_AS_PUBLISHED]))


def retained(topic: str, payload: bytes = b"") -> bytes:
    """Return a retained PUBLISH at QoS 0; without `payload` it removes the retained message."""
    return _packet(PUBLISH | RETAIN, _text(topic) + b"\0" + payload)


class PacketReader:
    """Splits what the broker sends into packets. Raises ValueError if it is no MQTT 5."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def packets(self, data: bytes) -> Iterator[Packet]:
        """Yield each packet that `data` completes."""
        self._buffer += data
        begin = 0
        while bounds := packet_bounds(self._buffer, begin):
            start, end = bounds
            if end > len(self._buffer):
                break
            yield _parsed(self._buffer[begin], bytes(self._buffer[start:end]))
            begin = end
        del self._buffer[:begin]


def packet_bounds(buffer: bytearray, begin: int = 0) -> tuple[int, int] | None:
    """Return where the body of the packet at `begin` starts and ends, None if it is not known.

    Raises ValueError for a length of more than four bytes.
    """
    size, shift = 0, 0
    for index in range(begin + 1, min(begin + 5, len(buffer))):
        size |= (buffer[index] & 0x7F) << shift
        shift += 7
        if buffer[index] < 0x80:
            return index + 1, index + 1 + size
    if len(buffer) >= begin + 5:
        raise ValueError("a length of more than four bytes")
    return None


def _parsed(head: int, body: bytes) -> Packet:
    if head & KIND != PUBLISH:
        return Packet(head)
    reader = FieldReader(body)
    topic = reader.data().decode(errors="replace")
    reader.take(2 if head & QOS else 0)
    size = reader.varint()
    reader.take(size)
    return Packet(PUBLISH, topic, reader.rest(), bool(head & RETAIN), size)


class FieldReader:
    """Reads the fields of a packet's body one after the other. Raises ValueError at its end."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        self.at += count
        if self.at > len(self._body):
            raise ValueError("a packet that ends too early")
        return self._body[self.at - count : self.at]

    def data(self) -> bytes:
        """Return Binary Data (section 1.5.6), which also is the form of a text."""
        return self.take(int.from_bytes(self.take(2), "big"))

    def text(self) -> str:
        """Return a UTF-8 Encoded String (section 1.5.4)."""
        return self.data().decode()

    def varint(self) -> int:
        """Return a Variable Byte Integer (section 1.5.5)."""
        size = 0
        for shift in (0, 7, 14, 21):
            octet = self.take(1)[0]
            size |= (octet & 0x7F) << shift
            if octet < 0x80:
                return size
        raise ValueError("a length of more than four bytes")

    def rest(self) -> bytes:
        """Return what has not been read."""
        return self._body[self.at :]
