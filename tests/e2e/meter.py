"""A meter in the home: its dongle is connected to nginx for one frame at a time."""

from __future__ import annotations

from dataclasses import dataclass

from tests.deploy.lan import CLIENT, PROXY
from tests.deploy.site import Site
from tests.integration.d2l import ID, Dongle

TOTAL = f"sensor.d2l_{ID:012d}_east"


@dataclass
class Meter:
    """`total` is what it has counted, in Wh."""

    site: Site
    total: int = 7_000_000

    def push(self) -> str:
        """Count one more, send a reading, and return the total as Home Assistant shows it."""
        self.total += 1
        house = self.site.lan.house
        with house.call(lambda: Dongle(7845, host=PROXY, source=CLIENT)) as dongle:
            dongle.send(dongle.push(EAST=f"{self.total:09d}"))
            assert dongle.answer() is not None
        return str(self.total)
