"""Limit how many wrong frames count as tries: nobody guesses a CRC of 16 bits within a day.

A frame has no MAC. Whoever has heard one can change its first block at random, and once in 65 536
tries the CRC fits. So each address has a number of tries, and each dongle has one for all addresses
together, which many attackers share. An authentic frame gives its address a try back.

An address at its limit is not locked out, because a dongle may share it with an attacker: a frame
of it counts if it proves itself (`Dongle.open`), or arrives on a connection that a newer reading
has proven.
"""

from __future__ import annotations

from collections import OrderedDict

from hems.backoff_and_rate_limits import TokenBucket

PER_MINUTE, AT_ONCE = 5, 200  # of an address: 7400 on the first day, so a guess takes nine days
OF_DONGLE_PER_MINUTE, OF_DONGLE_AT_ONCE = 10, 400  # of all addresses: 14 800, and four days
MOST_ADDRESSES = 1024  # in the table; a dongle's own limit holds for those that are forgotten
MOST_KNOWN = 2  # addresses of a dongle whose frames do not wait for strangers' tries


class WrongFrames:
    """The tries that are left. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, TokenBucket] = OrderedDict()  # the last used last
        self._dongles: dict[int, TokenBucket] = {}  # only those of D2L_DEVICES
        self._known: dict[int, OrderedDict[str, None]] = {}

    def has_try(self, address: str, dongle_id: int, now: float) -> bool:
        """Return whether a frame of the listed dongle may count for its CRC alone."""
        if not self._of_address(address).has_token(now):
            return False
        return address in self._known.get(dongle_id, ()) or self._of_dongle(dongle_id).has_token(
            now
        )

    def count_unknown(self, address: str, now: float) -> bool:
        """Count a frame of a dongle that is not listed; return whether there was a try left."""
        return self._of_address(address).take(now)

    def count_wrong(self, address: str, dongle_id: int, now: float) -> None:
        """Count a frame with a listed id that is not authentic."""
        self._of_address(address).take(now)
        if address not in self._known.get(dongle_id, ()):
            self._of_dongle(dongle_id).take(now)

    def count_authentic(self, address: str) -> None:
        """Count a new frame that is authentic."""
        self._of_address(address).give_back()

    def know(self, address: str, dongle_id: int) -> None:
        """Record that a newer reading of the dongle came from this address."""
        known = self._known.setdefault(dongle_id, OrderedDict())
        known[address] = None
        known.move_to_end(address)
        if len(known) > MOST_KNOWN:
            known.popitem(last=False)

    def _of_address(self, address: str) -> TokenBucket:
        bucket = self._addresses.setdefault(address, TokenBucket(PER_MINUTE, AT_ONCE))
        self._addresses.move_to_end(address)
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        return bucket

    def _of_dongle(self, dongle_id: int) -> TokenBucket:
        fresh = TokenBucket(OF_DONGLE_PER_MINUTE, OF_DONGLE_AT_ONCE)
        return self._dongles.setdefault(dongle_id, fresh)
