"""A USB port of the gateway: what sysfs and /dev show of a stick that is plugged in.

The stick itself is simulated behind a terminal.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.integration.namespaces import Namespace

NODE = "ttyACM0"
INTERFACE = "devices/usb1/1-1/1-1:1.0"
DEVICE = {
    "idVendor": "1a86",
    "idProduct": "55d4",
    "bcdDevice": "0443",
    "manufacturer": "ITEAD",
    "product": "SONOFF Zigbee 3.0 USB Dongle Plus V2",
    "serial": "20231017111928",
}
BY_ID = "usb-ITEAD_SONOFF_Zigbee_3.0_USB_Dongle_Plus_V2_20231017111928-if00"


class UsbPort:
    """`sysfs` is what Home Assistant has as /sys, `devices` its /dev, as the namespace sees it."""

    def __init__(self, space: Namespace, sysfs: Path, devices: str) -> None:
        self._space = space
        self._sysfs = sysfs
        self._devices = devices

    def plug_in(self, terminal: Path) -> None:
        """Let the stick behind `terminal` appear, as kernel and engine make it appear."""
        node = f"{self._devices}/{NODE}"
        self._space.run("touch", node)
        self._space.run("mount", "--bind", str(terminal.resolve()), node)
        interface = self._sysfs / INTERFACE
        (interface / "driver").mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text("00\n")
        (interface / "subsystem").symlink_to(self._bus())
        for name, text in DEVICE.items():
            (interface.parent / name).write_text(f"{text}\n")
        tty = self._sysfs / "class" / "tty" / NODE
        tty.mkdir(parents=True)
        (tty / "device").symlink_to(Path("../../..", INTERFACE))

    def unplug(self) -> None:
        """Let it disappear; what has it open keeps a dead node."""
        shutil.rmtree(self._sysfs / "class" / "tty" / NODE)
        shutil.rmtree(self._sysfs / "devices")
        self._space.run("umount", "--lazy", f"{self._devices}/{NODE}")
        self._space.run("rm", f"{self._devices}/{NODE}")

    def _bus(self) -> Path:
        (self._sysfs / "bus" / "usb").mkdir(parents=True, exist_ok=True)
        return Path("../../../../bus/usb")
