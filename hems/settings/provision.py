"""[provision]: where the gateway's files are, its extra names, and how often to check them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from hems.settings.address_validation import is_server_name
from hems.settings.section import AbsolutePath, Section, WrongValue, wrong

# Shorter than WatchdogSec (etc/supervisord.conf).
PeriodSeconds = Annotated[float, msgspec.Meta(ge=0.1, le=300)]


class ProvisionSettings(Section, frozen=True):
    cosmetic: ClassVar[frozenset[str]] = frozenset({"names"})

    gateway_directory: AbsolutePath = "/gateway"
    data_directory: AbsolutePath = "/data"
    names: tuple[str, ...] = ()
    period_s: PeriodSeconds = 60.0
    retry_s: PeriodSeconds = 10.0
    silent_after_s: Annotated[float, msgspec.Meta(ge=1, le=86400)] = 3600.0

    def problems(self) -> Iterator[WrongValue]:
        for name in self.names:
            if not is_server_name(name):
                yield wrong("names", name, "a host name such as hems.lan, or an address")

    @property
    def secrets_directory(self) -> Path:
        """Return the folder that has one file for each secret in use."""
        return Path(self.gateway_directory, "secrets")
