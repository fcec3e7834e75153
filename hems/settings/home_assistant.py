"""[home_assistant]: the address of Home Assistant, and its first settings: place, language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec

from hems.settings.address_validation import is_ipv4_address
from hems.settings.section import SHORTEST_S, Port, Section, WrongValue, wrong

# Several such waits fit into WatchdogSec and stopwaitsecs (etc/supervisord.conf).
LONGEST_ANSWER_S = 30.0
AnswerSeconds = Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_ANSWER_S)]
PATTERNS = {
    "time_zone": (
        r"[A-Za-z][A-Za-z0-9]*([/_+-][A-Za-z0-9]+)*",
        "a name of the tz database such as Europe/Paris",
    ),
    "currency": ("[A-Z]{3}", "three letters of ISO 4217"),
    "country": ("[A-Z]{2}", "two letters of ISO 3166-1"),
    "language": (r"[a-z]{2,3}(-[A-Za-z0-9]+)?", "a language such as fr or pt-BR"),
}


class HomeAssistantSettings(Section, frozen=True):
    cosmetic: ClassVar[frozenset[str]] = frozenset(
        {"location", "latitude", "longitude", "elevation", *PATTERNS}
    )

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

    def problems(self) -> Iterator[WrongValue]:
        if self.host and not is_ipv4_address(self.host):
            yield wrong("host", self.host, "an IPv4 address, or nothing")
        if not self.location.strip():
            yield wrong("location", self.location, "the name of the home")
        for name, (pattern, expected) in PATTERNS.items():
            if not re.fullmatch(pattern, getattr(self, name)):
                yield wrong(name, getattr(self, name), expected)
