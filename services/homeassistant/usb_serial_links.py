"""Make /dev/serial/by-id, the stable names of USB serial adapters such as Zigbee coordinators.

ttyUSB0 and ttyACM0 depend on the order of plugging; /dev/serial/by-id does not, and Home Assistant
stores it if it exists. Normally the host's udev has made the links (device_nodes.py); their names
are those of systemd's 60-serial.rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_NOT_IN_A_NAME = re.compile(r"[^\w#+\-.:=@]")


def make_links(ttys: Path, devices: Path) -> None:
    """Make devices/serial/by-id for the adapters in `ttys` (/sys/class/tty). Raises OSError.

    A link that leads to its adapter stays as it is.
    """
    for tty, name in names(ttys):
        path = devices / "serial/by-id" / name
        if path.resolve() == (devices / tty).resolve():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(devices / tty)


def names(ttys: Path) -> Iterator[tuple[str, str]]:
    """Yield node and name of each adapter: ttyUSB0, usb-Vendor_Product_Serial-if00-port0."""
    for tty in sorted([*ttys.glob("ttyUSB*"), *ttys.glob("ttyACM*")]):
        node = (tty / "device").resolve()
        port = _attribute(node, "port_number")
        interface = node.parent if port else node
        device = interface.parent
        words = (
            _attribute(device, "manufacturer") or _attribute(device, "idVendor"),
            _attribute(device, "product") or _attribute(device, "idProduct"),
            _attribute(device, "serial"),
        )
        name = _NOT_IN_A_NAME.sub("_", "_".join(word for word in words if word))
        number = _attribute(interface, "bInterfaceNumber")
        yield tty.name, f"usb-{name}-if{number}" + (f"-port{port}" if port else "")


def _attribute(directory: Path, name: str) -> str:
    path = directory / name
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "_".join(text.split())
