"""Bound what one address does at the devices' door: connections, bytes, and wrong passwords.

nginx says the address of a device in the header of the PROXY protocol, version 1. A connection
without it has an address of its own, on which no other connection depends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from token_bucket import TokenBucket

BURST, BYTES_A_SECOND = 1 << 20, 1 << 18  # that one address may send
CONNECTIONS = 24  # of one address
GUESSES, GUESSES_A_SECOND = 10, 1 / 60  # refused logins of one address
MAX_KNOWN = 1024  # addresses
MAX_TOLD, OTHERS = 16, "others"


@dataclass
class DeviceAddress:
    """One address; `name` is OTHERS if it is unknown."""

    name: str
    connections: int = 0
    bytes: TokenBucket = field(default_factory=lambda: TokenBucket(BURST, BYTES_A_SECOND))
    guesses: TokenBucket = field(default_factory=lambda: TokenBucket(GUESSES, GUESSES_A_SECOND))

    def is_admitted(self, now: float) -> bool:
        """Return whether another connection may come at monotonic `now` (s)."""
        return self.connections < CONNECTIONS and self.guesses.left(now) >= 1


class DeviceAddresses:
    """The known addresses, and how many logins of each were refused."""

    def __init__(self) -> None:
        self._known: dict[str, DeviceAddress] = {}
        self._refused: Counter[str] = Counter()

    def named(self, name: str) -> DeviceAddress:
        """Return the address called `name`; one that is idle makes room for a new one."""
        if name not in self._known:
            if len(self._known) >= MAX_KNOWN:
                idle = (one.name for one in self._known.values() if not one.connections)
                self._known.pop(next(idle, ""), None)
            self._known[name] = DeviceAddress(name)
        self._known[name] = address = self._known.pop(name)  # the newest is the last
        return address

    def refuse(self, address: DeviceAddress) -> None:
        """Count a refused login."""
        address.guesses.take(1)
        self._refused[address.name] += 1
        if len(self._refused) > MAX_TOLD:
            (rarest, count) = self._refused.most_common()[-1]
            del self._refused[rarest]
            self._refused[OTHERS] += count

    @property
    def refused(self) -> dict[str, int]:
        """Return how many logins were refused since the start, by address."""
        return dict(self._refused)
