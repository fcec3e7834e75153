"""The Zigbee device object: what a device answers about itself (Zigbee specification, 2.4).

A request is a transaction number (one byte) and its fields; the answer's cluster has bit 15 set,
and its message is the number, a status and the fields.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

ANSWER = 0x8000
BUFFER_SIZE = 82  # bytes, as devices have it
ROUTER_THAT_LISTENS, SLEEPING_CHILD = 0x35, 0x12  # of a row of the neighbour table
MAY_JOIN, DEPTH, LINK_QUALITY = 2, 1, 200
SUCCESS, NOT_SUPPORTED, NOT_ACTIVE = 0x00, 0x84, 0x83


class Zdo(IntEnum):
    """Requests, by their cluster."""

    NETWORK_ADDRESS = 0x0000
    EXTENDED_ADDRESS = 0x0001
    NODE_DESCRIPTOR = 0x0002
    SIMPLE_DESCRIPTOR = 0x0004
    ACTIVE_ENDPOINTS = 0x0005
    DEVICE_ANNOUNCEMENT = 0x0013
    BIND = 0x0021
    UNBIND = 0x0022
    MGMT_LQI = 0x0031
    MGMT_RTG = 0x0032
    LEAVE = 0x0034
    PERMIT_JOINING = 0x0036


class Capability(IntEnum):
    """Bits of the MAC capabilities."""

    ROUTER = 0x02
    MAINS = 0x04
    ALWAYS_LISTENING = 0x08
    HAS_SHORT_ADDRESS = 0x80


def node_descriptor(kind: int, capabilities: int, manufacturer: int, server: int = 0) -> bytes:
    """Return the descriptor of a node of logical type `kind`: 0 coordinator, 1 router, 2 end."""
    sizes = (BUFFER_SIZE, BUFFER_SIZE, server, BUFFER_SIZE)
    return struct.pack("<BBBHBHHHB", kind, 0x40, capabilities, manufacturer, *sizes, 0)


def simple_descriptor(
    endpoint: int, profile: int, device: int, inputs: Sequence[int], outputs: Sequence[int]
) -> bytes:
    """Return the descriptor of an endpoint: what it is, and the clusters on both sides."""
    descriptor = struct.pack("<BHHB", endpoint, profile, device, 1)
    for clusters in (inputs, outputs):
        descriptor += struct.pack(f"<B{len(clusters)}H", len(clusters), *clusters)
    return descriptor


def neighbour(extended_pan_id: bytes, eui64: bytes, address: int, kind: int) -> bytes:
    """Return a row of the neighbour table; `kind` has what it is, and whose child."""
    row = struct.pack("<HBBBB", address, kind, MAY_JOIN, DEPTH, LINK_QUALITY)
    return extended_pan_id + eui64 + row


@dataclass(frozen=True)
class Descriptors:
    """The addresses of a node, its descriptor, and those of its endpoints by their numbers."""

    address: int
    eui64: bytes
    node: bytes
    endpoints: Mapping[int, bytes]

    def answer(self, request: int, fields: bytes) -> bytes | None:
        """Return status and fields of the answer; None if the request is not about descriptors."""
        short = struct.pack("<H", self.address)
        if request in (Zdo.NETWORK_ADDRESS, Zdo.EXTENDED_ADDRESS):
            return bytes((SUCCESS,)) + self.eui64 + short
        if request == Zdo.NODE_DESCRIPTOR:
            return bytes((SUCCESS,)) + short + self.node
        if request == Zdo.ACTIVE_ENDPOINTS:
            return bytes((SUCCESS,)) + short + bytes((len(self.endpoints), *self.endpoints))
        if request != Zdo.SIMPLE_DESCRIPTOR:
            return None
        descriptor = self.endpoints.get(fields[2], b"")
        status = SUCCESS if descriptor else NOT_ACTIVE
        return bytes((status,)) + short + bytes((len(descriptor),)) + descriptor
