"""What a stick keeps while it has no power: its address, its network, a host's tokens."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import msgspec

RESTORED_EUI64 = 0xE12A  # the token with the address that a host gave the stick
DEFAULT_EUI64 = bytes.fromhex("04030201004b1200")  # on the air the last byte is first
NO_EUI64 = b"\xff" * 8
LINK_KEY = b"ZigBeeAlliance09"
CHANNEL_AT = 11  # of the parameters
FRAME_COUNTER = 4096  # the number of the last frame that it has sent
HAS_LINK_KEY, HAS_NETWORK_KEY = 0x0100, 0x0200


class StickNetwork(msgspec.Struct, frozen=True):
    """A network. `parameters` are EmberNetworkParameters, 20 bytes; keys have 16 bytes."""

    parameters: bytes
    key: bytes
    link_key: bytes = LINK_KEY
    key_number: int = 0
    security_bits: int = HAS_LINK_KEY | HAS_NETWORK_KEY
    frame_counter: int = FRAME_COUNTER

    @property
    def channel(self) -> int:
        return self.parameters[CHANNEL_AT]

    @property
    def pan_id(self) -> int:
        return int.from_bytes(self.parameters[8:10], "little")

    @property
    def extended_pan_id(self) -> bytes:
        return self.parameters[:8]


class StickMemory(msgspec.Struct):
    """`factory_eui64` is the address as the air has it; `network` None: the stick is blank."""

    factory_eui64: bytes = DEFAULT_EUI64
    network: StickNetwork | None = None
    tokens: dict[int, bytes] = {}

    @property
    def eui64(self) -> bytes:
        """Return the address in use: the restored one, if a host wrote one."""
        restored = self.tokens.get(RESTORED_EUI64, NO_EUI64)
        return self.factory_eui64 if restored == NO_EUI64 else restored

    def erase(self) -> None:
        """Forget everything but the address of the factory."""
        self.network = None
        self.tokens = {}


def random_network(source: random.Random) -> StickNetwork:
    """Return a network on channel 15 as a stick has it that was used before."""
    channel, tx_power = 15, 8
    parameters = source.randbytes(8) + struct.pack(
        "<HbBBHBI", source.randrange(1, 0xFFFE), tx_power, channel, 0, 0, 0, 1 << channel
    )
    return StickNetwork(parameters, source.randbytes(16))


def read(path: Path) -> StickMemory:
    """Return the memory in `path`, a blank one if there is no file."""
    return (
        msgspec.json.decode(path.read_bytes(), type=StickMemory) if path.exists() else StickMemory()
    )


def write(path: Path, memory: StickMemory) -> None:
    """Keep the memory in `path`."""
    path.write_bytes(msgspec.json.encode(memory))
