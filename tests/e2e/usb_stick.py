"""The USB ports of the gateway: what sysfs and /dev show of a stick that is plugged in.

Both are what kernel and udev make: in the real container /dev is devtmpfs (device_nodes.py). The
sticks themselves are simulated, each behind a terminal.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.namespaces import Namespace

TTYS = "/sys/class/tty"
BUS = "/dev/bus/usb/001"  # Home Assistant watches it: what is plugged in has a node here, too
SONOFF = {
    "idVendor": "1a86",
    "idProduct": "55d4",
    "bcdDevice": "0443",
    "manufacturer": "ITEAD",
    "product": "SONOFF Zigbee 3.0 USB Dongle Plus V2",
    "serial": "20231017111928",
}


@dataclass(frozen=True)
class UsbStick:
    """A stick behind `terminal`; `tty` is the number that the kernel gives it in its port."""

    terminal: Path
    tty: int = 0
    about: dict[str, str] = field(default_factory=lambda: dict(SONOFF))

    @property
    def node(self) -> str:
        return f"ttyACM{self.tty}"

    @property
    def by_id(self) -> str:
        """Return the stable path that udev gives it."""
        words = (self.about["manufacturer"], self.about["product"], self.about["serial"])
        return f"/dev/serial/by-id/usb-{re.sub(' ', '_', '_'.join(words))}-if00"

    @property
    def interface(self) -> str:
        return f"devices/usb1/1-{self.tty + 1}/1-{self.tty + 1}:1.0"


class UsbPorts:
    """`sysfs` is what Home Assistant has as /sys; its root is at `root` in the namespace."""

    def __init__(self, space: Namespace, sysfs: Path, root: Path) -> None:
        self._space = space
        self._sysfs = sysfs
        self._root = root
        (sysfs / "class/tty").mkdir(parents=True)
        (sysfs / "bus/usb").mkdir(parents=True)
        self._gone = sysfs / "gone"
        self._gone.mkdir()

    @property
    def ttys(self) -> Path:
        """Return what the host has as /sys/class/tty."""
        return self._sysfs / "class/tty"

    def plug_in(self, stick: UsbStick, *options: str) -> None:
        """Let a stick appear; `options` are those of mount for its node."""
        node = f"{self._root}/dev/{stick.node}"
        self._space.run("touch", node)
        self._space.run("mount", "--bind", str(stick.terminal.resolve()), node)
        if options:
            self._space.run("mount", "-o", f"remount,bind,{','.join(options)}", node)
        link = f"{self._root}{stick.by_id}"
        self._space.run("mkdir", "-p", str(Path(link).parent))
        self._space.run("ln", "-sfn", f"../../{stick.node}", link)
        interface = self._sysfs / stick.interface
        (interface / "driver").mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text("00\n")
        (interface / "subsystem").symlink_to("../../../../bus/usb")
        for name, text in stick.about.items():
            (interface.parent / name).write_text(f"{text}\n")
        tty = self.ttys / stick.node
        tty.mkdir()
        (tty / "device").symlink_to(Path("../../..", stick.interface))
        self._space.run("touch", f"{self._root}{BUS}/{stick.tty:03d}")

    def unplug(self, stick: UsbStick) -> None:
        """Let it disappear; what has it open keeps a dead node."""
        # It keeps its inode, as the kernel gives none away twice.
        (self.ttys / stick.node).rename(self._gone / str(len(list(self._gone.iterdir()))))
        shutil.rmtree((self._sysfs / stick.interface).parent)
        node = f"{self._root}/dev/{stick.node}"
        self._space.run("umount", "--lazy", node)
        link = f"{self._root}{stick.by_id}"
        self._space.run("rm", "-f", node, link, f"{self._root}{BUS}/{stick.tty:03d}")
