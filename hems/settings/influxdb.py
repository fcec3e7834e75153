"""[influxdb]: the database of all readings, and for how long it keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.section import Port, Section

ORGANISATION, BUCKET = "hems", "home_assistant"  # as Home Assistant's configuration.yaml has them
LONG_TERM_BUCKET = "home_assistant_long_term"
DAY_S = 86_400

# Several such waits fit into the supervision's patience (WatchdogSec and stopwaitsecs).
AnswerSeconds = Annotated[float, msgspec.Meta(gt=0, le=10)]
Days = Annotated[int, msgspec.Meta(ge=-1, le=36_500)]
NOT_OURS = -1  # how long values are kept is whatever a person has set


class Influxdb(Section, frozen=True):
    """`host` is empty where there is no InfluxDB; `retention_days` is 0 for ever, or NOT_OURS."""

    host: str = "172.18.4.3"
    port: Port = 8086
    timeout_s: AnswerSeconds = 5.0
    retention_days: Days = NOT_OURS
    is_downsampling: bool = False

    def problems(self) -> Iterator[str]:
        if not self.host.isascii() or set(self.host) & set(" /:@"):
            yield f"host: {self.host!r}, expected a host's name or an IPv4 address"

    @property
    def retention_s(self) -> int | None:
        """Return for how long Home Assistant's bucket keeps a value, 0 for ever.

        None: as long as it does; a new one for ever.
        """
        return None if self.retention_days == NOT_OURS else self.retention_days * DAY_S
