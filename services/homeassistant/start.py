#!/usr/local/bin/python3
"""Prepare the volume, the environment and the devices before s6 starts Home Assistant.

s6-overlay runs /etc/cont-init.d before any service, and the image ends its container when a
program there fails (S6_BEHAVIOUR_IF_STAGE2_FAILS). Home Assistant is worth more than what is
prepared here, so this always ends with 0 and says what went wrong.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from coordinators import link
from defaults import bring, replace


@dataclass(frozen=True)
class Places:
    """`environment`: a file for each variable that s6 gives to the services (with-contenv)."""

    image: Path = Path("/opt/gateway/config")
    volume: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    environment: Path = Path("/run/s6/container_environment")
    ttys: Path = Path("/sys/class/tty")
    devices: Path = Path("/dev")


def bring_defaults(places: Places) -> None:
    for line in bring(places.image, places.volume):
        _say(line)


def give_token(places: Places) -> None:
    """Make the token that the gateway made a variable, unless the variable was given.

    On the very first start there is none yet; the gateway restarts this service once it is made.
    """
    secret, variable = (place / "INFLUX_TOKEN" for place in (places.secrets, places.environment))
    if variable.exists() and variable.read_bytes().strip():
        return
    if secret.exists():
        replace(variable, secret.read_bytes().strip(), 0o600)


def name_coordinators(places: Places) -> None:
    link(places.ttys, places.devices)


def main(places: Places) -> None:
    """Take every step, whatever becomes of the one before."""
    for step in (bring_defaults, give_token, name_coordinators):
        try:
            step(places)
        except Exception:  # noqa: BLE001 - Home Assistant starts in any case
            _say(f"{step.__name__} failed:\n{traceback.format_exc()}")


def _say(line: str) -> None:
    print(f"gateway: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the container's log


if __name__ == "__main__":
    main(Places())
