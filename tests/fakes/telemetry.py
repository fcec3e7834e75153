"""A gateway for telemetry to read: each source, and its current value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hems.errors import HemsError
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.system.host_metrics import DiskSpace
from hems.workers.telemetry.state_sources import StateSources

T = TypeVar("T")


PROBLEM: dict[str, object] = {
    "name": "unit-failed",
    "subject": "led",
    "title": "led has failed",
    "since": "2027-01-15T08:00:00+00:00",
    "found": "exit status 78",
    "what_to_do": "read its log",
    "who": "operator",
    "began_at": 900.0,
}


def row(name: str, **changes: object) -> dict[str, object]:
    """Return one unit as supervisord reports it."""
    well = {
        "name": name,
        "state": "active",
        "reason": "",
        "is_healthy": True,
        "restarts": 0,
        "restart_reason": "",
        "metrics": {},
        "problems": [],
    }
    return well | changes


@dataclass
class FakeGateway:
    """Change a value to change the gateway; `away` are sources that fail, and how.

    `hung_at` is when the other processes wrote their last reports.
    """

    now: float = 1000.0
    hung_at: float | None = None
    units: list[dict[str, object]] = field(default_factory=lambda: [row("led"), row("watchdog")])
    internet: Internet = Internet.ONLINE
    temperature: float = 50.0
    written: int = 0
    is_undervolted: bool = False
    away: dict[str, HemsError] = field(default_factory=dict)

    def sources(self) -> StateSources:
        return StateSources(
            self._unless("health", self.report),
            self._unless("watchdog", self.state),
            self._unless("temperature", lambda: self.temperature),
            self._unless("memory", lambda: 30.0),
            self._unless("disk", lambda: DiskSpace(8 * 10**9, 7 * 10**9)),
            self._unless("written", lambda: self.written),
            self._unless("voltage", lambda: self.is_undervolted),
        )

    def report(self) -> bytes:
        return json.dumps({"written_at": self.hung_at or self.now, "units": self.units}).encode()

    def state(self) -> bytes:
        return watchdog_report.encode(
            WatchdogState(self.hung_at or self.now, 180, self.internet, 0)
        )

    def _unless(self, name: str, read: Callable[[], T]) -> Callable[[], T]:
        def read_or_fail() -> T:
            if name in self.away:
                raise self.away[name]
            return read()

        return read_or_fail
