"""A Zigbee coordinator is plugged in; a home without Zigbee has none."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.finding import Finding, note, ok
from hems.settings import Settings

TTYS = Path("/sys/class/tty")
KINDS = ("ttyUSB*", "ttyACM*")
PLUG = "for Zigbee meters plug the coordinator in, by an extension cable and away from USB 3"


def look(_settings: Settings) -> list[Finding]:
    found = [
        f"{tty.name} {product(tty)}".strip() for kind in KINDS for tty in sorted(TTYS.glob(kind))
    ]
    return [ok(", ".join(found))] if found else [note("no USB serial adapter is there", PLUG)]


def product(tty: Path) -> str:
    """Return what the USB device of a tty calls itself, empty when it is none (sysfs)."""
    place = (tty / "device").resolve()
    for directory in (place, *place.parents[:3]):
        name = directory / "product"
        if name.is_file():
            return " ".join(name.read_text(encoding="utf-8", errors="replace").split())
    return ""
