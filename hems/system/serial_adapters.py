"""The USB serial adapters of this machine, Zigbee sticks among them."""

from __future__ import annotations

from pathlib import Path

TTYS = Path("/sys/class/tty")
PATTERNS = ("ttyUSB*", "ttyACM*")


def paths(ttys: Path = TTYS) -> tuple[Path, ...]:
    """Return the folder of each adapter in sysfs, in the order of their names."""
    return tuple(path for pattern in PATTERNS for path in sorted(ttys.glob(pattern)))


def plugged_in(ttys: Path = TTYS) -> tuple[tuple[str, int], ...]:
    """Return name and inode of each adapter; one that is plugged in again has another inode."""
    return tuple((path.name, path.stat().st_ino) for path in paths(ttys) if path.exists())


def product(adapter: Path) -> str:
    """Return the product name of an adapter's USB device, empty when it has none.

    Raises OSError when the adapter is unplugged meanwhile.
    """
    device = (adapter / "device").resolve()
    for directory in (device, *device.parents[:3]):
        name = directory / "product"
        if name.is_file():
            return " ".join(name.read_text(encoding="utf-8", errors="replace").split())
    return ""
