"""[home_assistant]: where Home Assistant is, and what it is told of the home when it is new."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.section import Port, Section

# Several such waits fit into the supervision's patience (WatchdogSec and stopwaitsecs).
AnswerSeconds = Annotated[float, msgspec.Meta(gt=0, le=30)]
PATTERNS = {
    "time_zone": (
        r"[A-Za-z]+([/_+-][A-Za-z0-9]+)*",
        "a name of the tz database such as Europe/Paris",
    ),
    "currency": ("[A-Z]{3}", "three letters of ISO 4217"),
    "country": ("[A-Z]{2}", "two letters of ISO 3166-1"),
    "language": (r"[a-z]{2,3}(-[A-Za-z0-9]+)?", "a language such as fr or pt-BR"),
}


class HomeAssistant(Section, frozen=True):
    host: str = "172.18.4.2"
    port: Port = 8123
    timeout_s: AnswerSeconds = 20.0
    location: str = "SmartCORE"
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 48.8566
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] = 2.3522
    elevation: Annotated[int, msgspec.Meta(ge=-500, le=9000)] = 35
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    country: str = "FR"
    language: str = "fr"

    def problems(self) -> Iterator[str]:
        try:
            ipaddress.IPv4Address(self.host or "0.0.0.0")
        except ValueError:
            yield f"host: {self.host!r}, expected an IPv4 address, or nothing"
        if not self.location.strip() or not self.location.isprintable():
            yield f"location: {self.location!r}, expected a name for the home"
        for name, (pattern, expected) in PATTERNS.items():
            if not re.fullmatch(pattern, getattr(self, name)):
                yield f"{name}: {getattr(self, name)!r}, expected {expected}"
