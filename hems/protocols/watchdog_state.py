"""What the watchdog tells the other workers: one JSON object in a file on tmpfs.

The file (`[watchdog] state_file`, which etc/supervisord.conf puts into HEMS_RUN_DIR) is replaced
as a whole after every round of the watchdog, so a reader sees an old state or a new one, never a
part. Every time in it is CLOCK_MONOTONIC in seconds, which all processes of one machine share; a
reader asks whether it is `believed`: the file outlives a watchdog that has died or hangs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from hems.errors import ProtocolError, Unavailable


class Internet(StrEnum):
    """How far this machine can see."""

    ONLINE = "online"
    PORTAL = "portal"  # something between us and the internet wants a login
    LAN_ONLY = "lan only"  # a network, but nothing beyond it
    NO_LINK = "no link"


class WatchdogState(msgspec.Struct, frozen=True):
    """One state of the watchdog.

    `written_at`                   when
    `fresh_s`                      for how long it may be believed
    `internet`, `internet_since`   the state, and when it began; later by each time in which the
                                   watchdog was away and nobody looked
    `next_reboot_at`               the earliest reboot if the internet stays away; None while
                                   none is due
    `is_reboot_budget_exhausted`   reboots have not helped: the wait between two has grown to
                                   its maximum
    `is_data_unwritable`           what must outlive the watchdog cannot be written, so no reboot
                                   is made
    `given_up`                     services that were restarted in vain and are left alone now
    `restarts`                     how often each was, since it last answered for long enough
    """

    written_at: float
    fresh_s: float
    internet: Internet
    internet_since: float
    next_reboot_at: float | None = None
    is_reboot_budget_exhausted: bool = False
    is_data_unwritable: bool = False
    given_up: tuple[str, ...] = ()
    restarts: Mapping[str, int] = {}

    def is_fresh(self, now: float) -> bool:
        """Tell whether the state may be believed at monotonic `now` (s).

        One that was written later than now is of an earlier boot.
        """
        return 0 <= now - self.written_at <= self.fresh_s


_DECODER = msgspec.json.Decoder(WatchdogState)


def encode(state: WatchdogState) -> bytes:
    return msgspec.json.encode(state)


def decode(data: bytes) -> WatchdogState:
    """Return the state in `data`. Raises ProtocolError when it is none."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"not a state of the watchdog: {error}") from error


def believed(data: bytes, now: float) -> WatchdogState:
    """Return the state in `data` if it may be believed at monotonic `now` (s).

    Raises ProtocolError when it is none, Unavailable when it is old.
    """
    state = decode(data)
    if not state.is_fresh(now):
        raise Unavailable("its state is old")
    return state
