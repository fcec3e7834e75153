"""What the rig needs of the machine it runs on: root, an amd64 Debian, and some programs."""

from __future__ import annotations

import importlib.util
import os
import platform

from tests import archive
from tests.deploy import nginx
from tests.integration.namespaces import require_namespaces
from tests.required import required

PROGRAMS = ("mmdebstrap", "mosquitto", "victoria-metrics")


def require() -> None:
    """Return if the machine has everything; skip if it does not, but fail in CI."""
    required(_missing())
    require_namespaces(*PROGRAMS)
    nginx.ready()


def _missing() -> str:
    if platform.machine() != "x86_64" or not archive.KEYRING.exists():
        return "Home Assistant's root is made on an amd64 Debian only"
    if os.getuid() != 0:
        return "Home Assistant's root is made by root only"
    return "" if importlib.util.find_spec("uv") else "not installed: uv"
