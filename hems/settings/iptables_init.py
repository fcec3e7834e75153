"""[iptables_init]: which two subnets shall reach each other, and how eagerly."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.section import Count, Seconds, Section

MODES = ("enforce", "report")
PLAIN_INTERFACE = r"[A-Za-z0-9._+-]{1,15}"


class IptablesInit(Section, frozen=True):
    mode: str = "enforce"
    docker_subnet: str = "172.18.4.0/24"
    hotspot_subnet: str = "10.42.0.0/24"
    interface: str = "wlan0"
    period_s: Seconds = 15.0
    debounce_s: Annotated[float, msgspec.Meta(gt=0, le=5)] = 0.15
    max_repairs_per_minute: Count = 20

    def problems(self) -> Iterator[str]:
        if self.mode not in MODES:
            yield f"mode: {self.mode!r}, expected one of {', '.join(MODES)}"
        if not re.fullmatch(PLAIN_INTERFACE, self.interface):
            yield (
                f"interface: {self.interface!r}, expected up to 15 letters, digits or . _ + -; "
                "NetworkManager encodes any other name"
            )
        try:
            if self.docker_network.overlaps(self.hotspot_network):
                yield f"hotspot_subnet: {self.hotspot_subnet!r} overlaps with docker_subnet"
        except ValueError as error:
            yield f"docker_subnet, hotspot_subnet: {error}, expected such as 10.42.0.0/24"

    @property
    def docker_network(self) -> ipaddress.IPv4Network:
        """Return Docker's subnet, host bits cleared."""
        return ipaddress.IPv4Network(self.docker_subnet, strict=False)

    @property
    def hotspot_network(self) -> ipaddress.IPv4Network:
        """Return the hotspot's subnet, host bits cleared."""
        return ipaddress.IPv4Network(self.hotspot_subnet, strict=False)
