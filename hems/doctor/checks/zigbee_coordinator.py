"""Check whether a Zigbee coordinator is plugged in; a home without Zigbee has none."""

from __future__ import annotations

from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, note, ok

TITLE = "zigbee"
SERIAL_PORTS = Path("/sys/class/tty")
PATTERNS = ("ttyUSB*", "ttyACM*")
ADVICE = "for Zigbee meters plug the coordinator in, with an extension cable, not beside USB 3"


def check(_context: CheckContext) -> list[Finding]:
    ports = [port for pattern in PATTERNS for port in sorted(SERIAL_PORTS.glob(pattern))]
    adapters = [f"{port.name} {product(port)}".strip() for port in ports]
    return [ok(", ".join(adapters))] if adapters else [note("no USB serial adapter", ADVICE)]


def product(port: Path) -> str:
    """Return the product name of a port's USB device (sysfs), empty when it has none."""
    device = (port / "device").resolve()
    for directory in (device, *device.parents[:3]):
        name = directory / "product"
        if name.is_file():
            return " ".join(name.read_text(encoding="utf-8", errors="replace").split())
    return ""
