"""Which start of this machine it is."""

from __future__ import annotations

from pathlib import Path

from hems.errors import Unavailable

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4): made anew at each boot


def boot_id(path: Path = BOOT_ID) -> str:
    """Return what tells this boot from every other. Raises Unavailable."""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
