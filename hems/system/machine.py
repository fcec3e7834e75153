"""What this machine says of itself: heat, memory, disk. Each answer is one or two small files.

Every function but `identity` raises Unavailable when the kernel does not say, and ProtocolError
when what it says is not understood.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols import proc_text

MEMINFO = Path("/proc/meminfo")
THERMAL = Path("/sys/class/thermal")
CPU_ZONES = {"cpu-thermal", "cpu_thermal", "x86_pkg_temp"}  # the Raspberry Pi's two, and a PC's
BLOCK = Path("/sys/dev/block")
MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True)
class Disk:
    """How full a file system is: percent as df(1) shows it, and what is left, in bytes."""

    used: float
    free: int


def memory_used(path: Path = MEMINFO) -> float:
    """Return the percentage of memory that is not available to programs."""
    return proc_text.memory_used(_text(path))


def cpu_temperature(zones: Path = THERMAL) -> float:
    """Return the processor's temperature in °C."""
    for zone in sorted(zones.glob("thermal_zone*")):
        if _text(zone / "type").strip() in CPU_ZONES:
            return proc_text.temperature(_text(zone / "temp"))
    raise Unavailable(f"no sensor of the processor in {zones}")


def disk(path: Path) -> Disk:
    """Return how full the file system is that holds `path`."""
    try:
        room = os.statvfs(path)
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from None
    used, free = room.f_blocks - room.f_bfree, room.f_bavail
    if not used + free:
        raise Unavailable(f"{path} is on a file system without a size")
    return Disk(100 * used / (used + free), free * room.f_frsize)


def bytes_written(path: Path, devices: Path = BLOCK) -> int:
    """Return how much was written since the boot to the whole disk that holds `path`."""
    try:
        number = path.stat().st_dev
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from None
    device = (devices / f"{os.major(number)}:{os.minor(number)}").resolve()
    if not device.is_dir():
        raise Unavailable(f"{path} is on no disk")
    whole = device.parent if (device / "partition").exists() else device
    return proc_text.bytes_written(_text(whole / "stat"))


def identity(path: Path = MACHINE_ID) -> str:
    """Return what tells this installation from others: its machine-id(5), not to be shown.

    A container may have none: then it is the name of the host.
    """
    try:
        found = path.read_text(encoding="utf-8").strip()
    except OSError:
        found = ""
    return found or socket.gethostname()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
