"""What the kernel says of this machine in text files: numbers out of proc(5) and sysfs.

Every function raises ProtocolError when the text is not what its file should have.
"""

from __future__ import annotations

import re

from hems.errors import ProtocolError

SECTOR = 512  # bytes, whatever the disk's own are: Documentation/block/stat.rst
SECTORS_WRITTEN = 6  # the field of /sys/block/DISK/stat, from 0
MEMORY = re.compile(r"^(MemTotal|MemAvailable): +(\d+) kB$", re.MULTILINE)


def memory_used(meminfo: str) -> float:
    """Return the percentage of memory that programs cannot have, from /proc/meminfo."""
    found = {name: int(kb) for name, kb in MEMORY.findall(meminfo)}
    total, available = found.get("MemTotal", 0), found.get("MemAvailable")
    if not total or available is None:
        raise ProtocolError("found no MemTotal and MemAvailable in /proc/meminfo")
    return 100 * (1 - available / total)


def bytes_written(stat: str) -> int:
    """Return how much was written to a disk since the boot, from its stat file in sysfs."""
    fields = stat.split()
    if len(fields) <= SECTORS_WRITTEN or not fields[SECTORS_WRITTEN].isdecimal():
        raise ProtocolError(f"found {stat.strip()!r}, expected the statistics of a disk")
    return SECTOR * int(fields[SECTORS_WRITTEN])


def temperature(text: str) -> float:
    """Return °C from the temp of a thermal zone, thousandths: sysfs-class-thermal of the ABI."""
    try:
        return int(text) / 1000
    except ValueError:
        raise ProtocolError(f"found {text.strip()!r}, expected thousandths of a degree") from None
