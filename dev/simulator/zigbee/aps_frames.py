"""The header of a message between two devices, as EZSP passes it (EmberApsFrame)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

APS = struct.Struct("<HHBBHHB")
ROUTE_DISCOVERY = 0x0100
ZDO_PROFILE, HOME_AUTOMATION = 0x0000, 0x0104
UNICAST, BROADCAST = 0, 4  # EmberIncomingMessageType


@dataclass(frozen=True)
class ApsFrame:
    """Profile and cluster of a message, its two endpoints, and its number."""

    profile: int
    cluster: int
    source: int
    destination: int
    number: int = 0

    def encode(self) -> bytes:
        ends = (self.source, self.destination)
        return APS.pack(self.profile, self.cluster, *ends, ROUTE_DISCOVERY, 0, self.number)

    def answer(self, cluster: int | None = None) -> ApsFrame:
        """Return the header of the answer: the ends change places."""
        answered = self.cluster if cluster is None else cluster
        return ApsFrame(self.profile, answered, self.destination, self.source)


def decode(data: bytes) -> ApsFrame:
    """Return the header at the beginning of `data`. Raises struct.error if it is too short."""
    profile, cluster, source, destination, _options, _group, number = APS.unpack_from(data)
    return ApsFrame(profile, cluster, source, destination, number)
