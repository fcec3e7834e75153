"""[iptables_init]: which two subnets the firewall rules connect, and how often to check them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import msgspec

from hems.settings.address_validation import is_ipv4_network
from hems.settings.section import SHORTEST_S, Count, Seconds, Section, WrongValue, wrong

MODES = ("enforce", "report")
PLAIN_INTERFACE = r"[A-Za-z0-9._+-]{1,15}"


class IptablesInitSettings(Section, frozen=True):
    mode: str = "enforce"
    docker_subnet: str = "172.18.4.0/24"
    hotspot_subnet: str = "10.42.0.0/24"
    interface: str = "wlan0"
    period_s: Seconds = 15.0
    debounce_s: Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=5)] = 0.15
    max_repairs_per_minute: Count = 20

    def problems(self) -> Iterator[WrongValue]:
        if self.mode not in MODES:
            yield wrong("mode", self.mode, f"one of {', '.join(MODES)}")
        if not re.fullmatch(PLAIN_INTERFACE, self.interface):
            expected = "up to 15 letters, digits or ._+-; NetworkManager encodes any other name"
            yield wrong("interface", self.interface, expected)
        subnets = {name: getattr(self, name) for name in ("docker_subnet", "hotspot_subnet")}
        strange = [name for name, subnet in subnets.items() if not is_ipv4_network(subnet)]
        for name in strange:
            yield wrong(name, subnets[name], "a subnet such as 10.42.0.0/24")
        if not strange and self.docker_network.overlaps(self.hotspot_network):
            expected = f"a subnet that does not overlap docker_subnet ({self.docker_subnet})"
            mistake = wrong("hotspot_subnet", self.hotspot_subnet, expected)
            yield replace(mistake, also=("docker_subnet",))

    @property
    def docker_network(self) -> ipaddress.IPv4Network:
        """Return Docker's subnet, with the host bits cleared."""
        return ipaddress.IPv4Network(self.docker_subnet, strict=False)

    @property
    def hotspot_network(self) -> ipaddress.IPv4Network:
        """Return the hotspot's subnet, with the host bits cleared."""
        return ipaddress.IPv4Network(self.hotspot_subnet, strict=False)
