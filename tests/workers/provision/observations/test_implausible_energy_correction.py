"""A plug whose counter jumps, in Home Assistant's statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.meters.meter_roles import Role
from hems.protocols.meters.plausible_energy import SLOT_S, CountedEnergy
from hems.workers.provision.observations.implausible_energy_correction import (
    LISTED_S,
    ImplausibleReadings,
)
from tests.fakes.meters import KWH, TIME, W, home

HOUR, DAY = 3600.0, 86400.0
EPOCH = 1_800_000_000.0  # 2027-01-15 08:00 UTC
ENERGY, POWER = "sensor.plug_energy", "sensor.plug_power"


@dataclass
class Plug:
    """The statistics of a plug: Wh by the unix time at which a slot began."""

    slots: dict[float, float] = field(default_factory=dict)
    watts: str = "100"
    corrected: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        here = home()
        device = here.device("Plug")
        here.entity(device, "plug_energy", KWH)
        here.entity(device, "plug_power", W)
        [meter] = here.meters()
        session = cast(Callable[[float], AdminSession], self.open)
        self.readings = ImplausibleReadings(session, lambda: [(meter, Role.DEVICE)])

    @contextmanager
    def open(self, _now: float) -> Iterator[AdminSession]:
        yield cast(AdminSession, self)

    def states(self) -> tuple[EntityState, ...]:
        return (EntityState(POWER, self.watts, W, TIME),)

    def counted_energy(self, entity: str, begin: float, period: str) -> tuple[CountedEnergy, ...]:
        assert entity == ENERGY
        length = {"5minute": SLOT_S, "hour": HOUR}[period]
        sums: dict[float, float] = {}
        for at, wh in self.slots.items():
            slot = at // length * length
            if slot + length > begin:
                sums[slot] = sums.get(slot, 0.0) + wh
        return tuple(CountedEnergy(at, wh) for at, wh in sums.items())

    def correct_energy(self, entity: str, begin: float, wh: float) -> None:
        assert entity == ENERGY
        self.corrected.append((begin, wh))
        self.slots[begin] += wh

    def count(self, begin: float, *counted: float) -> None:
        """Count so many Wh in slots from `begin` (s from EPOCH) on."""
        for number, wh in enumerate(counted):
            self.slots[EPOCH + begin + number * SLOT_S] = wh

    def problems(self, at: float) -> list[str]:
        return [one.found or "" for one in self.readings.problems(at, EPOCH + at)]


def test_a_jump_is_taken_out_once_and_listed_for_a_day() -> None:
    plug = Plug()
    plug.count(0.0, 200.0, 2.8e14, 12_345_000.0, 200.0)
    begin = EPOCH + SLOT_S
    expected = ["1.23e+04 kWh within 5 min at 2027-01-15 08:10 UTC, which are not counted"]
    assert plug.problems(4 * SLOT_S) == expected
    assert plug.corrected == [(begin, -2.8e14), (begin + SLOT_S, -12_345_000.0)]
    assert plug.problems(LISTED_S) == expected
    assert plug.problems(LISTED_S + 4 * SLOT_S) == []
    assert len(plug.corrected) == 2


def test_what_a_plug_that_was_away_has_counted_stays() -> None:
    plug = Plug()
    plug.count(0.0, 200.0)
    plug.count(3 * DAY - HOUR, *[0.0] * 11, 250_000.0)
    assert plug.problems(3 * DAY) == []
    assert plug.corrected == []


def test_a_new_plug_may_not_jump_either() -> None:
    plug = Plug()
    plug.count(0.0, 0.0, 0.0, 1e9)
    assert plug.problems(4 * SLOT_S) != []
    assert [wh for _, wh in plug.corrected] == [-1e9]


def test_a_power_that_no_plug_carries_is_listed_while_it_is_shown() -> None:
    plug = Plug()
    for watts in ("1500000", "-32768000"):
        plug.watts = watts
        [text] = plug.problems(0.0)
        assert "more than 1.5e+04 W" in text
    for watts in ("3000", "-3000", "unknown", "unavailable"):
        plug.watts = watts
        assert plug.problems(0.0) == []
