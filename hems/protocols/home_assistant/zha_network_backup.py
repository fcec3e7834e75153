"""A backup of the Zigbee network, in the form in which ZHA makes it and takes it back.

It has the network's key, addresses and channel, and what the coordinator has sent so far: a device
drops a frame whose number it has seen. So a restored network has to count on from a higher number
than the broken stick's last one, which no backup has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from hems.protocols.json_decoding import decode_json

# Numbers (frames) between two backups that are kept; a busy network sends some per second.
COUNTER_STEP = 1_000_000
MOST_PER_S = 10
LAST_COUNTER = 0xFFFF_0000  # 32 bits; ZHA adds 10,000 itself
Json = dict[str, object]


class NetworkKey(msgspec.Struct, frozen=True):
    """`tx_counter` is the number of the last frame that the coordinator has sent."""

    key: str
    tx_counter: int = 0

    def __repr__(self) -> str:
        return "NetworkKey(…)"


class NetworkInfo(msgspec.Struct, frozen=True):
    extended_pan_id: str
    pan_id: str
    channel: int
    network_key: NetworkKey
    tc_link_key: NetworkKey
    nwk_update_id: int = 0
    nwk_addresses: dict[str, str] = {}  # the devices


class NodeInfo(msgspec.Struct, frozen=True):
    ieee: str


class NetworkBackup(msgspec.Struct, frozen=True):
    """What hems needs to know of a backup, besides its JSON text `content`."""

    backup_time: datetime
    network_info: NetworkInfo
    node_info: NodeInfo
    content: bytes = b""

    def __repr__(self) -> str:
        return f"NetworkBackup({self.backup_time})"

    @property
    def is_complete(self) -> bool:
        """Return whether it is enough to make the network again."""
        network = self.network_info
        unknown = "ff:" * 7 + "ff"
        return (
            unknown not in (self.node_info.ieee, network.extended_pan_id)
            and network.network_key.key.replace(":", "").lower().strip("f") != ""
            and network.channel in range(11, 27)
        )

    def is_of_network(self, other: NetworkBackup) -> bool:
        """Return whether both are of one network: a device of the one is one of the other."""
        mine, theirs = self.network_info, other.network_info
        return (mine.extended_pan_id, mine.network_key.key) == (
            theirs.extended_pan_id,
            theirs.network_key.key,
        )

    def is_worth_keeping_after(self, kept: NetworkBackup) -> bool:
        """Return whether it has something that matters and that `kept` does not have."""
        if self.backup_time <= kept.backup_time:
            return False
        step = self.network_info.network_key.tx_counter - kept.network_info.network_key.tx_counter
        return not 0 <= step < COUNTER_STEP or _lasting(self) != _lasting(kept)

    def to_restore(self, now: datetime) -> bytes:
        """Return the text to restore at `now`: its counter is above any that was used since."""
        age_s = max(0.0, (now - self.backup_time).total_seconds())
        counter = self.network_info.network_key.tx_counter + COUNTER_STEP + int(age_s * MOST_PER_S)
        backup = decode_json(self.content, Json, "a backup")
        network = msgspec.convert(backup["network_info"], Json)
        key = msgspec.convert(network["network_key"], Json)
        key["tx_counter"] = min(counter, LAST_COUNTER)
        network["network_key"] = key
        return msgspec.json.encode({**backup, "network_info": network})


def decoded(content: bytes, source: str) -> NetworkBackup:
    """Return the backup that is the JSON text `content`. Raises ProtocolError."""
    backup = decode_json(content, NetworkBackup, source)
    if backup.backup_time.tzinfo is None:
        utc = backup.backup_time.replace(tzinfo=UTC)
        backup = msgspec.structs.replace(backup, backup_time=utc)
    return msgspec.structs.replace(backup, content=content)


def newest(backups: Iterable[bytes]) -> NetworkBackup | None:
    """Return the newest complete one of ZHA's backups. Raises ProtocolError."""
    known = (decoded(one, "a backup of ZHA") for one in backups)
    complete = (one for one in known if one.is_complete)
    return max(complete, key=lambda one: one.backup_time, default=None)


def _lasting(backup: NetworkBackup) -> object:
    network = backup.network_info
    return (
        backup.node_info,
        network.extended_pan_id,
        network.pan_id,
        network.channel,
        network.nwk_update_id,
        network.network_key.key,
        network.tc_link_key.key,
        network.nwk_addresses,
    )
