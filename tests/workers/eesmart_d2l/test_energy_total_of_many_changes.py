"""Homes whose meters and contracts change at random."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.eesmart_d2l.home_with_a_total import (
    Home,
)

TEMPO = ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR")


class Meter:
    """What a delivery point's registers show while the home draws `power` Wh a minute."""

    def __init__(self) -> None:
        self.drawn = 0
        self.meters_total = 12_300_000
        self.values = {"EAST": 12_300_000}
        self.counts = "EAST"
        self.changes = 0

    def count(self, power: int) -> None:
        self.drawn += power
        self.meters_total += power
        self.values[self.counts] = (self.values[self.counts] + power) % 10**9

    def elsewhere(self) -> int:
        """Return another value each time."""
        self.changes += 1
        return 50_000 * self.changes

    def use(self, **values: int) -> None:
        self.values, self.counts = values, next(reversed(values))


Change = Callable[["Meter"], None]
CHANGES: Mapping[str, Change] = {
    "standard": lambda meter: meter.use(EAST=meter.meters_total % 10**9),
    "off-peak": lambda meter: meter.use(HCHC=3_000_000, HCHP=meter.elsewhere()),
    "totaliser": lambda meter: meter.use(BASE=(meter.meters_total + 6_000_000) % 10**9),
    "tempo": lambda meter: meter.use(**dict.fromkeys(TEMPO, 4), BBRHPJR=meter.elsewhere()),
    "another meter": lambda meter: meter.use(EAST=meter.elsewhere()),
    "before a roll-over": lambda meter: meter.use(EAST=10**9 - 15 - meter.elsewhere()),
}
HIGHEST = 120  # Wh a minute
EPISODES = st.lists(
    st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, HIGHEST), st.integers(2, 12)),
    max_size=8,
)


@given(EPISODES)
def test_growth_is_that_of_the_home_but_for_one_gap_at_each_change(
    episodes: list[tuple[str, int, int]],
) -> None:
    """Each gap is a minute long; its estimate lies between nothing and the highest power."""
    home, meter = Home(), Meter()
    totals = [home.take(dict(meter.values)) or 0]
    for change, power, minutes in [("standard", 15, 3), *episodes]:
        CHANGES[change](meter)
        for _ in range(minutes):
            meter.count(power)
            totals.append(home.take(dict(meter.values)) or 0)
    steps = [after - before for before, after in itertools.pairwise(totals)]
    assert all(0 <= step <= 3 * HIGHEST for step in steps)
    assert abs(sum(steps) - meter.drawn) <= (HIGHEST + 1) * len(episodes)


@given(EPISODES, st.integers(0, 60))
def test_at_a_steady_power_no_change_loses_or_adds_energy(
    episodes: list[tuple[str, int, int]], power: int
) -> None:
    home, meter = Home(), Meter()
    totals = [home.take(dict(meter.values)) or 0]
    for change, _, minutes in [("standard", 0, 3), *episodes]:
        CHANGES[change](meter)
        for _ in range(minutes):
            meter.count(power)
            totals.append(home.take(dict(meter.values)) or 0)
    assert totals[-1] - totals[0] == pytest.approx(meter.drawn, abs=len(episodes))
