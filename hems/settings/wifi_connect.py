"""[wifi_connect]: the name of the Wi-Fi portal, and when it opens and closes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec

from hems.settings.section import (
    SHORTEST_S,
    AbsolutePath,
    Port,
    Seconds,
    Section,
    WrongValue,
    wrong,
)

LONGEST_PERIOD_S = (
    10.0  # with the longest check it fits into the limit of the container's health check
)
SSID_BYTES = 32  # IEEE 802.11, 9.4.2.2


class WifiConnectSettings(Section, frozen=True):
    cosmetic: ClassVar[frozenset[str]] = frozenset({"ssid"})

    ssid: str = "HEMS"
    grace_s: Seconds = 90.0
    lost_s: Seconds = 180.0
    try_after_s: Seconds = 300.0
    try_after_max_s: Seconds = 1800.0
    try_s: Seconds = 60.0
    open_s: Seconds = 900.0
    pause_s: Seconds = 900.0
    pause_max_s: Seconds = 14400.0
    failure_pause_s: Seconds = 30.0
    failure_pause_max_s: Seconds = 900.0
    period_s: Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_PERIOD_S)] = 10.0
    port: Port = 8042
    directory: AbsolutePath = "/opt/wifi-connect"
    kept_networks_file: AbsolutePath = "/data/kept_networks.json"
    bus: AbsolutePath = "/host/run/dbus/system_bus_socket"
    heartbeat: AbsolutePath = "/run/hems/heartbeat"

    def problems(self) -> Iterator[WrongValue]:
        size = len(self.ssid.encode())
        if not 1 <= size <= SSID_BYTES // 2:
            yield wrong("ssid", self.ssid, f"1 to {SSID_BYTES // 2} bytes of printable text")
        for name in ("try_after", "pause", "failure_pause"):
            first_s, longest_s = getattr(self, f"{name}_s"), getattr(self, f"{name}_max_s")
            if first_s > longest_s:
                text = f"found {first_s:g}, expected at most {name}_max_s ({longest_s:g})"
                yield WrongValue(f"{name}_s", text, (f"{name}_max_s",))

    def network_name(self, device: str) -> str:
        """Return the SSID of the portal on the gateway `device`, at most 32 bytes."""
        name = f"{self.ssid} {device}".strip().encode()[:SSID_BYTES]
        return name.decode(errors="ignore").rstrip()
