"""[led]: the GPIO chip of the LEDs, and what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.address_validation import is_ipv4_address
from hems.settings.section import (
    SHORTEST_S,
    AbsolutePath,
    Port,
    Seconds,
    Section,
    WrongValue,
    wrong,
)

PINS = ("gpio", "mock")
AUTO = "auto"
LONGEST_PROBE_S = 3.0  # several fit into WatchdogSec (etc/supervisord.conf)


class LedSettings(Section, frozen=True):
    pins: str = "gpio"
    chip: str = AUTO
    home_assistant_host: str = "172.18.4.2"
    home_assistant_port: Port = 8123
    log_file: AbsolutePath = "/hass-config/home-assistant.log"
    error_shown_s: Seconds = 600.0
    probe_interval_s: Seconds = 10.0
    probe_timeout_s: Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_PROBE_S)] = 2.0

    def problems(self) -> Iterator[WrongValue]:
        if self.pins not in PINS:
            yield wrong("pins", self.pins, f"one of {', '.join(PINS)}")
        if self.chip != AUTO and not re.fullmatch("[0-9]{1,3}", self.chip):
            yield wrong("chip", self.chip, f"{AUTO} or the number of a /dev/gpiochip")
        if not is_ipv4_address(self.home_assistant_host):
            yield wrong("home_assistant_host", self.home_assistant_host, "an IPv4 address")

    @property
    def chip_number(self) -> int | None:
        """Return N of /dev/gpiochipN, None to find the pin header by its label."""
        return None if self.chip == AUTO else int(self.chip)

    @property
    def home_assistant_url(self) -> str:
        """Return the URL of a page of Home Assistant that needs no login.

        Never request /api: without a login this counts as a failed one (`ip_ban_enabled`).
        """
        return f"http://{self.home_assistant_host}:{self.home_assistant_port}/manifest.json"
