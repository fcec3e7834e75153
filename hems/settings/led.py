"""[led]: which lines the lamps are on, and what they speak of."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.section import Port, Seconds, Section

PINS = ("gpio", "mock")
AUTO = "auto"
LONGEST_PROBE_S = 3.0  # several fit into the supervision's patience (etc/supervisord.conf)


class Led(Section, frozen=True):
    pins: str = "gpio"
    chip: str = AUTO
    home_assistant_host: str = "172.18.4.2"
    home_assistant_port: Port = 8123
    log_file: str = "/hass-config/home-assistant.log"
    error_shown_s: Seconds = 600.0
    probe_interval_s: Seconds = 10.0
    probe_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_PROBE_S)] = 2.0

    def problems(self) -> Iterator[str]:
        if self.pins not in PINS:
            yield f"pins: {self.pins!r}, expected one of {', '.join(PINS)}"
        if self.chip != AUTO and not re.fullmatch("[0-9]{1,3}", self.chip):
            yield f"chip: {self.chip!r}, expected {AUTO} or the number of a /dev/gpiochip"
        try:
            ipaddress.IPv4Address(self.home_assistant_host)
        except ValueError:
            yield f"home_assistant_host: {self.home_assistant_host!r}, expected an IPv4 address"

    @property
    def chip_number(self) -> int | None:
        """Return N of /dev/gpiochipN, None to find the header by its label."""
        return None if self.chip == AUTO else int(self.chip)

    @property
    def home_assistant_url(self) -> str:
        """Return a page of Home Assistant's that needs no login.

        A request that lacks one counts as a failed login (`ip_ban_enabled`): never ask /api.
        """
        return f"http://{self.home_assistant_host}:{self.home_assistant_port}/manifest.json"
