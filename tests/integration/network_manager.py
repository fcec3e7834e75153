"""The real NetworkManager, with directories and a bus of its own, in a namespace."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.integration.namespaces import Namespace
from tests.integration.worker_process import eventually

SOCKET = "run/dbus/system_bus_socket"
# No service directory, so that nothing is ever started by a message.
BUS = """\
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_type="*"/> <allow receive_type="*"/>
  </policy>
</busconfig>
"""
CONFIG = """\
[main]
plugins=keyfile
auth-polkit=false
dns=none
no-auto-default=*
"""


class Manager:
    """NetworkManager in `space`; `directory` is for its files, `profiles` are keyfiles by name.

    `more` is what its configuration says beyond CONFIG: a further part of [main] first.
    """

    def __init__(
        self, space: Namespace, directory: Path, more: str, profiles: Mapping[str, str]
    ) -> None:
        self._space = space
        self._bus_config = directory / "bus.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self._mount()
        inside = Path(f"/proc/{space.pid}/root/etc/NetworkManager")
        (inside / "NetworkManager.conf").write_text(CONFIG + more)
        for name, profile in profiles.items():
            keyfile = inside / "system-connections" / f"{name}.nmconnection"
            keyfile.write_text(profile)
            keyfile.chmod(0o600)

    @property
    def bus(self) -> Path:
        """Return the bus's socket as we see it."""
        return Path(f"/proc/{self._space.pid}/root/{SOCKET}")

    def start_bus(self) -> subprocess.Popen[bytes]:
        self._bus_config.write_text(BUS)
        bus = self._space.start(["dbus-daemon", f"--config-file={self._bus_config}", "--nofork"])
        eventually(self.bus.exists, 10, "the bus is there")
        return bus

    def start(self, is_up: Callable[[], bool], what: str) -> None:
        """Start it and wait until `is_up`."""
        self._process = self._space.start(["NetworkManager", "--no-daemon"])
        eventually(is_up, 20, what)

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)

    def nmcli(self, *arguments: str) -> str:
        return self._space.run("nmcli", *arguments)

    def _mount(self) -> None:
        """Give NetworkManager directories of its own, and a /sys without udev to wait for."""
        for path in ("/run", "/etc/NetworkManager", "/var/lib/NetworkManager"):
            self._space.run("mount", "-t", "tmpfs", "tmpfs", path)
        self._space.run("mount", "-t", "sysfs", "-o", "ro", "sysfs", "/sys")
        self._space.run("mkdir", "-p", "/run/dbus", "/etc/NetworkManager/system-connections")
