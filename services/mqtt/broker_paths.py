"""Where everything of the broker is in its container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BrokerPaths:
    """`made` is where provision writes; `run` is a tmpfs."""

    program: Path = Path("/usr/sbin/mosquitto")
    configuration: Path = Path("/mosquitto/config/mosquitto.conf")
    data: Path = Path("/mosquitto/data")
    made: Path = Path("/gateway/mosquitto")
    run: Path = Path("/run/mosquitto")
    device_port: int = 1884

    @property
    def control(self) -> Path:
        return self.run / "control.sock"

    @property
    def devices(self) -> Path:
        """Return the socket on which mosquitto listens for what comes to `device_port`."""
        return self.run / "devices.sock"

    @property
    def heartbeat(self) -> Path:
        return self.run / "heartbeat"
