"""The faults that a person can order from the simulated balena Supervisor."""

from __future__ import annotations

import msgspec

FIRST_RELEASE = 3_000_001


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """The fields that POST /control can set; those that are missing stay as they are.

    `release`            the id of the wanted release; when the update is done, a change has
                         recreated every container
    `unchanged`          services that a new release only renames: their containers stay
    `is_rejected`        the device refuses the wanted release because of its contract
    `is_locked`          423 for restart, stop and reboot: a service has a lock file
    `is_busy`            423 for the same after `busy_s`, even with force: another operation runs
    `is_host_updating`   423 for a reboot: an update of the host is not finished
    `is_unavailable`     503 for everything
    `is_reboot_failing`  500 for a reboot
    `is_reboot_lost`     a reboot is accepted but does not happen: the API stays closed
    `boot_s`             how long a reboot takes
    `is_garbage`         half a JSON document for everything
    `delay_s`            before every answer
    `has_vpn`            whether /v2/device/vpn reports a connection
    `internet`           how /generate_204 answers: "online", "portal" or "none"
    `updating`           services that download a new image while the old container runs; if the
                         release is rejected, services whose wanted image is not on the device
    `is_applying`        a change of another service that is never finished
    `statuses`           a service's status, such as Running, exited or Downloading
    `hung`               services that do not answer at /simulated/NAME until restarted
    `incurable`          services that a restart does not repair
    `unstoppable`        services whose container survives a stop and a restart
    `stop_s`             how long a service that works takes to stop; one that hangs takes all of
    `grace_s`            its stop_grace_period: this value, or None for that of docker-compose.yml
    """

    release: int = FIRST_RELEASE
    unchanged: tuple[str, ...] = ()
    is_rejected: bool = False
    is_locked: bool = False
    is_busy: bool = False
    busy_s: float = 10.0
    is_host_updating: bool = False
    is_unavailable: bool = False
    is_reboot_failing: bool = False
    is_reboot_lost: bool = False
    boot_s: float = 0.5
    is_garbage: bool = False
    delay_s: float = 0.0
    has_vpn: bool = True
    internet: str = "online"
    updating: tuple[str, ...] = ()
    is_applying: bool = False
    statuses: dict[str, str] = msgspec.field(default_factory=dict)
    hung: tuple[str, ...] = ()
    incurable: tuple[str, ...] = ()
    unstoppable: tuple[str, ...] = ()
    stop_s: float = 0.2
    grace_s: float | None = None
