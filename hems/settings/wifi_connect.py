"""[wifi_connect]: when the Wi-Fi portal opens and closes, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.section import Port, Seconds, Section

LONGEST_PERIOD_S = 10.0  # with the longest look it fits into the health check's patience
SSID_BYTES = 32  # IEEE 802.11, 9.4.2.2


class WifiConnect(Section, frozen=True):
    ssid: str = "HEMS"
    grace_s: Seconds = 90.0
    lost_s: Seconds = 180.0
    try_after_s: Seconds = 300.0
    try_after_max_s: Seconds = 1800.0
    try_s: Seconds = 60.0
    failure_pause_s: Seconds = 30.0
    failure_pause_max_s: Seconds = 900.0
    period_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_PERIOD_S)] = 10.0
    port: Port = 8042
    directory: str = "/opt/wifi-connect"
    bus: str = "/host/run/dbus/system_bus_socket"
    heartbeat: str = "/run/hems/heartbeat"

    def problems(self) -> Iterator[str]:
        size = len(self.ssid.encode())
        if not 1 <= size <= SSID_BYTES // 2 or not self.ssid.isprintable():
            yield f"ssid: {self.ssid!r}, expected 1 to {SSID_BYTES // 2} bytes of printable text"
        for name in ("try_after", "failure_pause"):
            first_s, longest_s = getattr(self, f"{name}_s"), getattr(self, f"{name}_max_s")
            if first_s > longest_s:
                yield f"{name}_s: {first_s:g}, expected {name}_max_s ({longest_s:g}) at the most"

    def network_name(self, device: str) -> str:
        """Return the SSID of the portal on the gateway called `device`, 32 bytes at the most."""
        name = f"{self.ssid} {device}".strip().encode()[:SSID_BYTES]
        return name.decode(errors="ignore").rstrip()
