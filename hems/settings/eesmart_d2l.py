"""[eesmart_d2l]: where the worker listens for D2L dongles, its limits, and the vendor's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.address_validation import host_and_port, is_ip_address
from hems.settings.section import SHORTEST_S, Count, Port, Seconds, Section, WrongValue, wrong


class EesmartD2lSettings(Section, frozen=True):
    host: str = "172.18.4.1"
    port: Port = 7846
    proxy_addresses: tuple[str, ...] = ("172.18.4.4",)
    upstream: str = ""
    upstream_timeout_s: Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=2.5)] = 2.0
    require_synchronised_clock: bool = True
    first_header_timeout_s: Seconds = 10.0
    frame_timeout_s: Seconds = 3.0
    idle_timeout_s: Seconds = 300.0
    max_connections: Count = 640
    max_connections_per_device: Count = 4
    max_frames_per_minute: Count = 60
    silent_after_s: Seconds = 600.0

    def problems(self) -> Iterator[WrongValue]:
        addresses = [("host", self.host)] + [("proxy_addresses", a) for a in self.proxy_addresses]
        for name, address in addresses:
            if not is_ip_address(address):
                yield wrong(name, address, "an IP address such as 172.18.4.1")
        if self.upstream and self.upstream_address is None:
            yield wrong("upstream", self.upstream, "host:port, or nothing")

    @property
    def upstream_address(self) -> tuple[str, int] | None:
        """Return the vendor's server as (host, port), None when the relay is off."""
        return host_and_port(self.upstream)
