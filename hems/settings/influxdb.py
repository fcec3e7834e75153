"""[influxdb]: the address of the database, and for how long it keeps readings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec

from hems.settings.address_validation import is_host
from hems.settings.section import SHORTEST_S, Port, Section, WrongValue, wrong

ORGANISATION, BUCKET = "hems", "home_assistant"  # as in Home Assistant's configuration.yaml
LONG_TERM_BUCKET = "home_assistant_long_term"
DAY_S = 86_400

# Several such waits fit into WatchdogSec and stopwaitsecs (etc/supervisord.conf).
LONGEST_ANSWER_S = 10.0
AnswerSeconds = Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_ANSWER_S)]
Days = Annotated[int, msgspec.Meta(ge=-1, le=36_500)]
NOT_OURS = -1  # a person sets in InfluxDB how long it keeps values


class InfluxdbSettings(Section, frozen=True):
    """`host` is empty without InfluxDB; `retention_days` is 0 for unlimited, or NOT_OURS."""

    cosmetic: ClassVar[frozenset[str]] = frozenset({"retention_days", "is_downsampling"})

    host: str = "172.18.4.3"
    port: Port = 8086
    timeout_s: AnswerSeconds = 5.0
    retention_days: Days = NOT_OURS
    is_downsampling: bool = False

    def problems(self) -> Iterator[WrongValue]:
        if self.host and (not is_host(self.host) or ":" in self.host):
            yield wrong("host", self.host, "a host name or an IPv4 address, or nothing")

    @property
    def retention_s(self) -> int | None:
        """Return for how long (s) Home Assistant's bucket keeps a value, 0 for unlimited.

        None: provision does not change it; a new bucket keeps values without limit.
        """
        return None if self.retention_days == NOT_OURS else self.retention_days * DAY_S
