from contextlib import suppress

import mqtt_packets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt_packets import Packet, PacketReader

PACKETS = (
    b"\x20\x03\x00\x00\x00"  # CONNACK
    b"\x90\x04\x00\x01\x00\x00"  # SUBACK
    b"\x31\x09\x00\x03a/b\x00xyz"  # PUBLISH, retained
    b"\x32\x0f\x00\x01a\x00\x07\x05\x02\x00\x00\x00\x09data"  # PUBLISH, QoS 1, message expiry
    b"\xd0\x00"
)
READ = [
    Packet(mqtt_packets.CONNACK),
    Packet(mqtt_packets.SUBACK),
    Packet(mqtt_packets.PUBLISH, "a/b", b"xyz", is_retained=True),
    Packet(mqtt_packets.PUBLISH, "a", b"data", properties=5),
    Packet(mqtt_packets.PINGRESP),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(PACKETS)])
def test_packets_are_read_however_they_are_cut(size: int) -> None:
    reader = PacketReader()
    pieces = [PACKETS[at : at + size] for at in range(0, len(PACKETS), size)]
    assert [packet for piece in pieces for packet in reader.packets(piece)] == READ


@given(st.text(max_size=60), st.binary(max_size=300))
def test_what_is_written_can_be_read(topic: str, payload: bytes) -> None:
    (packet,) = PacketReader().packets(mqtt_packets.retained(topic, payload))
    assert packet == Packet(mqtt_packets.PUBLISH, topic, payload, is_retained=True)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    with suppress(ValueError):
        list(PacketReader().packets(data))
