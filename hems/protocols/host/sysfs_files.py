"""Decode the kernel's text files in /sys about disk writes, temperature and alarms.

Every function raises ProtocolError for a text in another format.
"""

from __future__ import annotations

from hems.errors import ProtocolError

SECTOR = 512  # bytes, for every disk: Documentation/block/stat.rst
SECTORS_WRITTEN = 6  # the index of the field in /sys/block/DISK/stat


def bytes_written(stat: str) -> int:
    """Return how many bytes were written to a disk since the boot, from its stat file."""
    fields = stat.split()
    if len(fields) <= SECTORS_WRITTEN or not fields[SECTORS_WRITTEN].isdecimal():
        raise ProtocolError(f"found {stat.strip()!r}, expected the statistics of a disk")
    return SECTOR * int(fields[SECTORS_WRITTEN])


def alarm(text: str) -> bool:
    """Return whether a sensor's alarm file says so (ABI sysfs-class-hwmon)."""
    if text.strip() not in ("0", "1"):
        raise ProtocolError(f"found {text.strip()!r}, expected 0 or 1")
    return text.strip() == "1"


def temperature(text: str) -> float:
    """Return °C from a thermal zone's temp file, in thousandths (ABI sysfs-class-thermal)."""
    try:
        return int(text) / 1000
    except ValueError:
        raise ProtocolError(f"found {text.strip()!r}, expected thousandths of a degree") from None
