"""Encode and decode what the watchdog reports to the other workers: JSON in a file on tmpfs.

The file is `[watchdog] state_file`, which etc/supervisord.conf puts into HEMS_RUN_DIR. The watchdog
replaces it after each of its rounds. Every time in it is CLOCK_MONOTONIC in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from hems.protocols.gateway.report_decoder import ReportDecoder


class Internet(StrEnum):
    """How far the machine can reach."""

    ONLINE = "online"
    PORTAL = "portal"  # something between the gateway and the internet asks for a login
    LAN_ONLY = "lan only"  # a local network, but nothing beyond it answers
    NO_LINK = "no link"


REASONS = {
    Internet.ONLINE: "",
    Internet.PORTAL: "the network asks for a login on a web page",
    Internet.LAN_ONLY: "the local network works, but nothing beyond it answers",
    Internet.NO_LINK: "neither a cable nor Wi-Fi is connected",
}


class WatchdogState(msgspec.Struct, frozen=True):
    """What the watchdog knows after one round.

    `written_at`                   when it wrote the report
    `valid_s`                      for how long the report is fresh
    `internet`, `internet_since`   how far the machine can reach, and since when; the time in
                                   which no watchdog was running does not count
    `next_reboot_at`               the earliest reboot if the internet stays away; None while
                                   no reboot is due
    `is_reboot_budget_exhausted`   reboots have not helped: the time between two has grown to its
                                   maximum
    `is_data_unwritable`           the watchdog cannot write its records, so it makes no reboot
    `given_up`                     services that restarts did not repair, left alone now
    `missing`                      services without a running container that no update explains
    `is_release_rejected`          the device refuses the release that balena wants it to run
    `is_reboot_lost`               balena accepted a reboot that did not happen
    `restarts`                     how often it restarted each service since the service last
                                   answered for long enough
    """

    written_at: float
    valid_s: float
    internet: Internet
    internet_since: float
    next_reboot_at: float | None = None
    is_reboot_budget_exhausted: bool = False
    is_data_unwritable: bool = False
    given_up: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_release_rejected: bool = False
    is_reboot_lost: bool = False
    restarts: Mapping[str, int] = {}


def encode(state: WatchdogState) -> bytes:
    return msgspec.json.encode(state)


_DECODER = ReportDecoder(WatchdogState, "the watchdog's report")
decode, fresh = _DECODER.decode, _DECODER.fresh
