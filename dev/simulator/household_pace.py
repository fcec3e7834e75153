"""How fast the hours of a simulated household pass."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HouseholdPace:
    """From `begin` (unix s) on, the household's hours pass `speed` times as fast as ours.

    Only what the home does is faster: sun, tariffs, appliances. Its meters still count what flows,
    in our time, so a day at 60 times the speed counts a sixtieth of its energy
    (docs/decisions/desk-household-pace.md).
    """

    begin: int = 0
    speed: int = 1

    def household_time(self, unix_time: int) -> int:
        """Return the time in the household (unix s) at our `unix_time`."""
        if unix_time <= self.begin:
            return unix_time
        return self.begin + (unix_time - self.begin) * self.speed

    def our_time(self, household_time: int) -> int:
        """Return our time at the household's time; both are unix s."""
        if household_time <= self.begin:
            return household_time
        return self.begin + (household_time - self.begin) // self.speed
