"""A meter in the home: its dongle is connected to nginx for one frame at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.deploy.lan import CLIENT, PROXY
from tests.deploy.site import Site
from tests.integration.d2l import ID, Dongle, horodate

BEHIND_S = 3000.0  # less than what makes a meter's clock implausible
TOTAL = f"sensor.d2l_{ID:012d}_energy_total"


@dataclass
class Meter:
    """`total` is what it has counted, in Wh; `clock` is its time, unix s, a little late."""

    site: Site
    total: int = 7_000_000
    clock: float = field(default_factory=lambda: time.time() - BEHIND_S)

    def push(self) -> str:
        """Let a minute pass, send a reading, and return the total as Home Assistant shows it."""
        self.total, self.clock = self.total + 15, max(self.clock + 60, time.time() - BEHIND_S)
        changes = {"EAST": f"{self.total:09d}", "DATE": horodate(self.clock)}
        house = self.site.lan.house
        with house.call(lambda: Dongle(7845, host=PROXY, source=CLIENT)) as dongle:
            dongle.send(dongle.push(**changes))
            assert dongle.answer() is not None
        return str(self.total)
