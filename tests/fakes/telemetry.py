"""A gateway that telemetry looks at: every source, and what each says now."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hems.errors import HemsError
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.system.machine import Disk
from hems.workers.telemetry.sources import Sources

T = TypeVar("T")


def row(name: str, **changes: object) -> dict[str, object]:
    """Return one unit as supervisord reports it."""
    well = {
        "name": name,
        "state": "active",
        "reason": "",
        "is_healthy": True,
        "restarts": 0,
        "restart_reason": "",
        "figures": {},
    }
    return well | changes


@dataclass
class FakeGateway:
    """Change a value to change the gateway; `away` are sources that fail, and how.

    `hung_at` is when those who tell of themselves have told for the last time.
    """

    now: float = 1000.0
    hung_at: float | None = None
    units: list[dict[str, object]] = field(default_factory=lambda: [row("led"), row("watchdog")])
    internet: Internet = Internet.ONLINE
    temperature: float = 50.0
    written: int = 0
    away: dict[str, HemsError] = field(default_factory=dict)

    def sources(self) -> Sources:
        return Sources(
            self._unless("health", self.report),
            self._unless("watchdog", self.state),
            self._unless("temperature", lambda: self.temperature),
            self._unless("memory", lambda: 30.0),
            self._unless("disk", lambda: Disk(12.5, 8 * 10**9)),
            self._unless("written", lambda: self.written),
        )

    def report(self) -> bytes:
        return json.dumps({"written_at": self.hung_at or self.now, "units": self.units}).encode()

    def state(self) -> bytes:
        return watchdog_state.encode(WatchdogState(self.hung_at or self.now, 180, self.internet, 0))

    def _unless(self, name: str, say: Callable[[], T]) -> Callable[[], T]:
        def ask() -> T:
            if name in self.away:
                raise self.away[name]
            return say()

        return ask
