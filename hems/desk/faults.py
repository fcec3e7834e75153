"""What somebody may order the simulated balena Supervisor to do wrong."""

from __future__ import annotations

import msgspec

FIRST_RELEASE = 3_000_001


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What POST /control may set, any part of it; an empty document changes nothing.

    `release`            the id of the release that every service runs; a change recreates them
    `is_locked`          423 for every action and for a reboot: somebody's lock
    `is_busy`            423 for the same, even by force: the Supervisor does something else
    `is_host_updating`   423 for a reboot: an update of the host is being finished
    `is_unavailable`     503 for everything
    `is_reboot_failing`  500 for a reboot
    `is_garbage`         half a JSON document for everything
    `delay_s`            before every answer
    `has_vpn`            what /v2/device/vpn says
    `internet`           what /generate_204 is: "online", "portal" or "none"
    `updating`           services whose new image is on its way while the old container runs
    `is_applying`        a change of some other service that is applied, and never done
    `statuses`           a service's status, such as Running, exited or Downloading
    `hung`               services that do not answer at /simulated/NAME until restarted
    `incurable`          services that a restart does not help
    """

    release: int = FIRST_RELEASE
    is_locked: bool = False
    is_busy: bool = False
    is_host_updating: bool = False
    is_unavailable: bool = False
    is_reboot_failing: bool = False
    is_garbage: bool = False
    delay_s: float = 0.0
    has_vpn: bool = True
    internet: str = "online"
    updating: tuple[str, ...] = ()
    is_applying: bool = False
    statuses: dict[str, str] = msgspec.field(default_factory=dict)
    hung: tuple[str, ...] = ()
    incurable: tuple[str, ...] = ()
