"""What the rig needs of the machine it runs on: root, an amd64 Debian, and podman's packages."""

from __future__ import annotations

import os
import platform

from dev.launcher import debian_test_packages
from tests import archive
from tests.required import required


def require() -> None:
    """Return if the machine has everything; skip if it does not, but fail in CI."""
    required(_missing())


def _missing() -> str:
    if platform.machine() != "x86_64" or not archive.KEYRING.exists():
        return "images are built on an amd64 Debian only"
    if os.getuid() != 0:
        return "images are built and run by root only"
    names = [
        one.name
        for one in debian_test_packages.missing()
        if one.purpose == debian_test_packages.IMAGES
    ]
    return f"needs more packages: `apt install {' '.join(names)}`" if names else ""
