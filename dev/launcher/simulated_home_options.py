"""The home that a desk simulates: its contract, how fast its hours pass, and its past."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dev.simulator.household import FIRST_DAY_S, Household
from dev.simulator.household_pace import HouseholdPace
from dev.simulator.linky_variants import CONTRACTS, KINDS, MeterKind
from hems.errors import ConfigError

FIRST_ID = 20_000_000_001  # the dongle of the home's meter, and the seed of its household
MAX_SPEED, MAX_DAYS, DAY_S = 3600, 365, 86_400
# As docs/tariffs.md shows them; the registers are those of the simulated meter.
PRICES = {
    "off-peak": "prices = {1 = 0.1579, 2 = 0.2065}, standing_charge_month = 15.85",
    "tempo": (
        "prices = {1 = 0.1325, 2 = 0.1612, 3 = 0.1499, 4 = 0.1871, 5 = 0.1575, 6 = 0.706}, "
        "standing_charge_month = 15.50"
    ),
    "base": "price = 0.194, standing_charge_month = 15.65",
}
FEED_IN = 0.04
PLAIN_KIND = "standard"  # of a desk for which nobody ordered a whole home


@dataclass(frozen=True)
class DeskHome:
    """`begin` (unix s) is when the desk starts; before it lie `days` of the home's past.

    `is_whole`: it has panels, meters of its own for some appliances, and a neighbour's meter that
    fails.
    """

    contract: str = ""
    speed: int = 1
    days: int = 0
    has_zigbee: bool = False
    has_home_assistant: bool = False
    begin: int = 0

    def check(self) -> None:
        """Raise ConfigError if an option of bin/up is out of range."""
        if not 1 <= self.speed <= MAX_SPEED:
            raise ConfigError(f"--speed {self.speed}: expected 1 to {MAX_SPEED}")
        most = min(MAX_DAYS, (self.begin - FIRST_DAY_S) // DAY_S)
        if not 0 <= self.days <= most:
            raise ConfigError(f"--days {self.days}: expected 0 to {most}")

    @property
    def is_whole(self) -> bool:
        has_more = self.has_zigbee or self.has_home_assistant
        return bool(self.contract or self.speed > 1 or self.days or has_more)

    @property
    def kind_name(self) -> str:
        """Return the kind of its meter, of linky_variants.KINDS."""
        return CONTRACTS[self._known_contract] if self.is_whole else PLAIN_KIND

    @property
    def tariffs(self) -> str:
        """Return the value of [tariffs] contracts, for a whole home."""
        name = self._known_contract
        return f'[{{name = "{name}", {PRICES[name]}, feed_in = {FEED_IN}}}]'

    @property
    def _known_contract(self) -> str:
        return self.contract or next(iter(CONTRACTS))

    @property
    def kind(self) -> MeterKind:
        return KINDS[self.kind_name]

    @property
    def pace(self) -> HouseholdPace:
        return HouseholdPace(self.begin, self.speed)

    @cached_property
    def household(self) -> Household:
        return Household(FIRST_ID, self.kind.calendar, self.kind.solar_w, self.pace)
