"""A home whose total is computed, for the tests of the total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.workers.eesmart_d2l.energy_register import Limit, Stamp
from hems.workers.eesmart_d2l.energy_total import EnergyTotal
from hems.workers.eesmart_d2l.total_source import RegisterFrame, Total

MINUTE = 60.0
HC, BASE, EAST = ("HCHC", "HCHP"), ("BASE",), ("EAST",)
NOON = 1_700_000_000
STEP_WH = 10  # a minute: 600 W


def most_wh(elapsed_s: float) -> float:
    """Return what 9 kVA carry, and what a minute may bring at any time."""
    return 150 + max(0.0, elapsed_s) * 9000 / 3600


def stamp(minute: float, lead: float = 0) -> Stamp:
    return Stamp(minute * MINUTE, int(NOON + (minute + lead) * MINUTE))


@dataclass
class Home:
    """Frames a minute apart, the first at noon."""

    total: EnergyTotal = field(default_factory=EnergyTotal)
    minute: float = 0
    lead: float = 0

    def take(
        self,
        values: Mapping[str, int],
        *,
        held: frozenset[str] | set[str] = frozenset(),
        option: str = "",
        minutes: float = 1,
        lead_minutes: float = 0,
    ) -> int | None:
        """Take a frame; the meter's clock leads that of the gateway by `lead_minutes` more."""
        self.minute += minutes
        self.lead += lead_minutes
        at = stamp(self.minute, self.lead)
        frame = RegisterFrame(values, set(held), option, Limit(at, most_wh))
        current = self.total.take(frame)
        return None if current is None else current.total


def after_restart(retained: Total, power_w: float | None = None) -> Home:
    home = Home()
    home.total.remember(retained, 0.0, power_w)
    return home


def historique(off_peak: int, peak: int) -> dict[str, int]:
    return {"HCHC": off_peak, "HCHP": peak}
