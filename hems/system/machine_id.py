"""Tell this machine from others, and this boot from others."""

from __future__ import annotations

import socket
from pathlib import Path

from hems.system import files

MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4): new at each boot


def identity(path: Path = MACHINE_ID) -> str:
    """Return this installation's unique machine-id(5), which must not be shown.

    A container may have none: then return the host name.
    """
    try:
        machine_id = path.read_text(encoding="utf-8").strip()
    except OSError:
        machine_id = ""
    return machine_id or socket.gethostname()


def boot_id(path: Path = BOOT_ID) -> str:
    """Return the id of this boot, which no other boot has. Raises Unavailable."""
    return files.read(path).decode(errors="replace").strip()
