"""[provision]: where the gateway's own files go, and how often they are looked at."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from hems.settings.section import Section

# Shorter than the supervision's patience (WatchdogSec in etc/supervisord.conf).
PeriodSeconds = Annotated[float, msgspec.Meta(ge=0.1, le=300)]
DNS_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


class Provision(Section, frozen=True):
    gateway_directory: str = "/gateway"
    data_directory: str = "/data"
    names: tuple[str, ...] = ()
    period_s: PeriodSeconds = 60.0
    retry_s: PeriodSeconds = 10.0

    def problems(self) -> Iterator[str]:
        for name in self.names:
            if not is_server_name(name):
                yield f"names: {name!r}, expected a host's name such as hems.example or an address"
        for name in ("gateway_directory", "data_directory"):
            if not getattr(self, name).startswith("/"):
                yield f"{name}: {getattr(self, name)!r}, expected a path that begins with /"

    @property
    def secrets_directory(self) -> Path:
        """Return where each secret in force is a file of its own."""
        return Path(self.gateway_directory, "secrets")


def is_server_name(text: str) -> bool:
    """Tell whether a certificate can be for `text`: an IP address or a DNS name (RFC 1123)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= 253 and bool(re.fullmatch(rf"{DNS_LABEL}(\.{DNS_LABEL})*", text))
    return True
