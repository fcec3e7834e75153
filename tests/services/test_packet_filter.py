"""What of a device's packets reaches mosquitto."""

from __future__ import annotations

import struct

import pytest
from announcements import Announcements
from device_rights import Rights
from mqtt_packets import varint
from packet_filter import FILTER_LEVELS, FILTERS, LONGEST_FILTER, PacketFilter, Refused

ACL = """user plug
topic readwrite plug/#
topic write homeassistant/+/plug/#
topic read homeassistant/status
"""
TOPIC = b"homeassistant/sensor/plug/power/config"
MQTT = b"MQTT"
EXPIRY = b"\x11\xff\xff\xff\xff"
EVERY_PROPERTY = (
    EXPIRY + b"\x21\0\x14\x22\0\0\x27\0\1\0\0\x19\0\x17\1\x26\0\1a\0\1b\x15\0\1m\x16\0\1d"
)


def text(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def packet(head: int, body: bytes) -> bytes:
    return bytes([head]) + varint(len(body)) + body


def properties(value: bytes) -> bytes:
    return varint(len(value)) + value


def connect(
    version: int = 4, name: bytes = MQTT, flags: int = 0xC2, after: bytes | None = None
) -> bytes:
    """Return a CONNECT; `after` is what follows the keep-alive."""
    if after is None:
        after = b"\0" if version == 5 else b""
        after += text(b"x") + text(b"plug") + text(b"password")
    return packet(0x10, text(name) + bytes([version, flags, 0, 60]) + after)


def publish(payload: bytes = b"x", topic: bytes = TOPIC, extra: bytes = b"") -> bytes:
    return packet(0x31, text(topic) + extra + payload)


def subscribe(*filters: bytes, head: int = 0x82) -> bytes:
    end = b"\0" if head == 0x82 else b""
    return packet(head, b"\0\1" + b"".join(text(one) + end for one in filters))


def logged_in(version: int = 4) -> PacketFilter:
    packets = PacketFilter(Announcements(Rights(ACL)))
    assert packets.passed(connect(version))
    packets.is_logged_in = True
    return packets


LOGIN = text(b"x") + text(b"plug") + text(b"password")
WILL = text(b"x") + text(b"plug/w") + text(b"gone") + text(b"plug") + text(b"password")
MALFORMED = [
    *(connect(version) for version in (0, 2, 3, 6, 0x83, 0x84, 0x85)),
    *(connect(version, b"MQIsdp") for version in (4, 5, 0x83)),
    connect(name=b"mqtt"),
    connect(flags=0xC3),  # the reserved bit
    connect(flags=0xCA),  # the QoS of no will
    connect(flags=0xE2),
    connect(flags=0xDE, after=WILL),  # a QoS of 3
    connect(after=LOGIN + b"x"),
    connect(after=LOGIN[:-1]),
    connect(after=text(b"x") + text(b"pl\xffug") + text(b"password")),
    connect(5, after=b"\x05" + EXPIRY[:4] + LOGIN),
    connect(5, after=b"\x02\x02\x00" + LOGIN),  # a property that CONNECT does not have
    connect(5, after=b"\x80\x80\x80\x80\x01" + LOGIN),
    connect(5, after=properties(b"\x26" + text(b"a") + text(b"b" * 1024)) + LOGIN),
    connect(5, flags=0xC6, after=b"\0" + text(b"x") + properties(b"x" * 1025) + WILL[3:]),
    connect(after=text(b"x" * 8192) + LOGIN[3:]),
    b"\x11" + connect()[1:],
    b"\xc0\0",
    publish(),
]


@pytest.mark.parametrize("said", MALFORMED)
def test_a_login_that_could_be_read_in_two_ways_is_refused(said: bytes) -> None:
    with pytest.raises(Refused):
        PacketFilter(Announcements(Rights(ACL))).passed(said)


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        (connect(), connect()),
        (connect(5), connect(5)),
        (connect(3, b"MQIsdp"), connect(3, b"MQIsdp")),
        (connect(flags=0xC6, after=WILL), connect(flags=0xC6, after=WILL)),
        (connect(flags=0xC0), connect(flags=0xC2)),
        (
            connect(5, flags=0xC0, after=properties(EVERY_PROPERTY) + LOGIN),
            connect(5, after=properties(EVERY_PROPERTY.replace(EXPIRY, b"\x11\0\0\0\0")) + LOGIN),
        ),
    ],
)
def test_a_login_passes_once_it_is_whole_and_its_session_ends_with_it(
    said: bytes, passed: bytes
) -> None:
    packets = PacketFilter(Announcements(Rights(ACL)))
    for octet in said[:-1]:
        assert packets.passed(bytes([octet])) == b""
    after = publish(b"1", b"plug/x", b"\0")
    assert packets.passed(said[-1:] + after) == passed  # what follows waits
    assert packets.passed(after) == b""
    packets.is_logged_in = True
    assert packets.passed(b"") == after * 2


@pytest.mark.parametrize("said", [connect(), b"\xf0\0", b"\x20\0", b"\x60\0", b"\x37\x03\0\1a"])
def test_what_no_device_sends_is_refused(said: bytes) -> None:
    with pytest.raises(Refused):
        logged_in().passed(said)


def test_a_packet_has_so_many_properties() -> None:
    longest = b"\x26" + text(b"a") + text(b"v" * 1018)
    for topic in (TOPIC, b"plug/x"):
        for size in (1, 1024):
            said = publish(b"{}", topic, properties(longest if size > 1 else b"")) + b"\xc0\0"
            assert logged_in(5).passed(said) == said
            one_by_one = logged_in(5)
            assert b"".join(one_by_one.passed(bytes([octet])) for octet in said) == said
        for wrong in (properties(longest + b"x"), b"\xff\xff\xff\x7f", b"\x80\x80\x80\x80"):
            with pytest.raises(Refused):
                logged_in(5).passed(publish(b"{}" + bytes(2000), topic, wrong))
        with pytest.raises(Refused):  # they end after their packet
            logged_in(5).passed(publish(b"", topic, b"\x05x"))
    with pytest.raises(Refused):
        logged_in(5).passed(packet(0x40, b"\0\1\0" + properties(bytes(3000))))


def test_a_connection_has_so_many_filters() -> None:
    some = [b"plug/%d" % number for number in range(FILTERS)]
    device = logged_in()
    for _ in range(3):  # the same ones again
        assert device.passed(subscribe(*some[:50])) + device.passed(subscribe(*some[50:]))
    assert device.passed(subscribe(some[0], head=0xA2))
    assert device.passed(subscribe(b"plug/other"))
    with pytest.raises(Refused):
        device.passed(subscribe(b"plug/one/more"))
    for wrong in (b"/" * FILTER_LEVELS, b"x" * (LONGEST_FILTER + 1)):
        with pytest.raises(Refused):
            logged_in().passed(subscribe(wrong))
    with pytest.raises(Refused):
        logged_in().passed(packet(0x82, b"\0\1" + text(b"x" * 500) * 40))
    with pytest.raises(Refused):
        logged_in().passed(packet(0x82, b"\0\1\0\x05plug"))


def test_what_is_held_back_is_still_acknowledged() -> None:
    forged = b'{"cmd_t": "car/set"}'
    said = packet(0x33, text(TOPIC) + b"\0\7" + forged)
    assert logged_in().passed(said) == packet(0x32, text(b"refused") + b"\0\7")
    said = packet(0x33, text(TOPIC) + b"\0\7" + properties(b"\x01\x01") + forged)
    assert logged_in(5).passed(said) == packet(0x32, text(b"refused") + b"\0\7\0")
    with pytest.raises(Refused):
        logged_in().passed(publish(bytes(1 << 16)))
