"""The Debian packages that the integration tests talk to. Standard library only."""

from __future__ import annotations

import os
import shutil
import time

from hems.desk.broker import SYSTEM_PROGRAMS
from hems.errors import Unavailable
from hems.system import process

PACKAGES = {"mosquitto": "the real broker"}  # package, which has a program of its name: what for
ATTEMPTS, PAUSE_S = 4, 5  # mirrors change under apt's hands now and then
UPDATE_S, INSTALL_S = 180, 600


def missing() -> list[str]:
    """Return the packages whose program this machine does not have."""
    places = f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}"
    return [package for package in PACKAGES if not shutil.which(package, path=places)]


def install(packages: list[str]) -> None:
    """Install `packages` with apt, as root. Raises Unavailable."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            process.run(["apt-get", "update"], UPDATE_S)
            break
        except Unavailable:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_S * attempt)
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y"]
    process.run([*quietly, "--no-install-recommends", *packages], INSTALL_S)
