"""Count the logins that the pages refuse: nginx and Home Assistant send a datagram for each.

    <190>Dec  1 08:00:00 nginx: editor 192.168.1.5
    homeassistant 192.168.1.5

The other sides are services/nginx-reverse-proxy/nginx/http.d/refused_logins.conf and
services/homeassistant/python/refused_logins.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hems.protocols.gateway.refusals_of_an_hour import RefusalsOfAnHour
from hems.supervision.worker.problem import ReportedProblem

# By the names in the datagrams.
DOORS = {b"homeassistant": "Home Assistant", b"editor": "the editor", b"influxdb": "InfluxDB"}
_REFUSED = re.compile(rb"(?:<\d+>.{15} nginx: )?(?P<page>\w+) (?P<address>[0-9a-f.:]{1,45})")


class PageLogins:
    """The refused logins of each page. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._refused = {page: RefusalsOfAnHour(door) for page, door in DOORS.items()}

    def take(self, datagram: bytes, now: float) -> None:
        """Count the refused login in a datagram; ignore what is none."""
        match = _REFUSED.fullmatch(datagram)
        if match and match["page"] in self._refused:
            self._refused[match["page"]].add(match["address"].decode(), now)

    def counts(self, now: float) -> Mapping[str, int]:
        """Return how many there were in the hour before `now`, by door."""
        return {DOORS[page]: one.count(now) for page, one in self._refused.items()}

    def problems(self, now: float) -> Iterator[ReportedProblem]:
        """Yield the problems at `now`."""
        for one in self._refused.values():
            yield from one.problems(now)
