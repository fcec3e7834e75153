#!/usr/local/bin/python3
"""Prepare the volume, the environment and the devices before s6 starts Home Assistant.

s6-overlay runs /etc/cont-init.d before any service. If a program there fails, the container ends
(S6_BEHAVIOUR_IF_STAGE2_FAILS). Home Assistant must start even if a step here fails, so this
program logs the failure and always exits with 0.
"""

from __future__ import annotations

import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from default_files import install, replace
from usb_serial_links import make_links
from volume_repairs import lift_own_bans, remove_truncated_backups

VALID_TOKEN = re.compile(b"[!-~]{8,256}")


@dataclass(frozen=True)
class Paths:
    """`environment` has a file for each variable that s6 gives to services (with-contenv)."""

    image: Path = Path("/opt/gateway/config")
    volume: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    environment: Path = Path("/run/s6/container_environment")
    ttys: Path = Path("/sys/class/tty")
    devices: Path = Path("/dev")


def install_defaults(paths: Paths) -> None:
    for line in install(paths.image, paths.volume):
        _log(line)


def repair_volume(paths: Paths) -> None:
    for line in (*lift_own_bans(paths.volume), *remove_truncated_backups(paths.volume)):
        _log(line)


def set_token(paths: Paths) -> None:
    """Set INFLUX_TOKEN to the gateway's token, unless the variable has a valid value.

    The rule is provision's (hems/settings/logins.py), which keeps its own token in place of a wrong
    one. On the very first start there is no token yet; the gateway makes one and restarts this
    service.
    """
    secret, variable = (place / "INFLUX_TOKEN" for place in (paths.secrets, paths.environment))
    if variable.exists() and VALID_TOKEN.fullmatch(variable.read_bytes().removesuffix(b"\n")):
        return
    if secret.exists():
        replace(variable, secret.read_bytes().strip(), 0o600)


def link_coordinators(paths: Paths) -> None:
    make_links(paths.ttys, paths.devices)


def main(paths: Paths) -> None:
    """Run every step, even after one that failed."""
    for step in (install_defaults, repair_volume, set_token, link_coordinators):
        try:
            step(paths)
        except Exception:  # noqa: BLE001 - Home Assistant starts in any case
            _log(f"{step.__name__} failed:\n{traceback.format_exc()}")


def _log(line: str) -> None:
    print(f"gateway: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the container's log


if __name__ == "__main__":
    main(Paths())
