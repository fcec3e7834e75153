"""Probe a service: it must answer, and have no reported problem that a restart repairs.

After a disk that was full for a moment influxd 2.7 answers, but refuses every write until it is
restarted. Home Assistant's start lifts its bans of the gateway itself. provision sees both; here
they count like a silent service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway import unit_health_file
from hems.protocols.gateway.problem_kinds import GATEWAY_BANNED, INFLUXDB_NO_NEW_POINTS

REPAIRED_BY_RESTART = {  # by service
    "influxdb": INFLUXDB_NO_NEW_POINTS.name,
    "homeassistant": GATEWAY_BANNED.name,
}


@dataclass(frozen=True)
class ServiceProbe:
    """`answers` raises HemsError if the service does not; `read_health` returns all problems."""

    service: str
    answers: Callable[[], None]
    read_health: Callable[[], bytes]
    monotonic: Callable[[], float]

    def __call__(self) -> None:
        """Raise HemsError if the service does not answer or needs a restart for another reason."""
        self.answers()
        try:
            report = unit_health_file.fresh(self.read_health(), self.monotonic())
        except (Unavailable, ProtocolError):
            return
        for problem in report.problems:
            if problem.name == REPAIRED_BY_RESTART.get(self.service):
                raise Unavailable(problem.found)
