import pytest

from hems.protocols.meters.meter_roles import Role
from hems.protocols.meters.plausible_energy import (
    DEVICE_W,
    MARGIN_WH,
    SLOT_S,
    CountedEnergy,
    impossible,
    most_watts,
)

HOUR, DAY = 3600.0, 86400.0
MOST_WH = DEVICE_W * 2 * SLOT_S / HOUR + MARGIN_WH  # of one slot, and one that began before it


def found(counted_at: float, *counted: float) -> list[float]:
    slots = [CountedEnergy(SLOT_S * number, wh) for number, wh in enumerate(counted)]
    return [slot.wh for slot in impossible(slots, DEVICE_W, counted_at)]


@pytest.mark.parametrize(
    "wh",
    [
        281_474_976_710_665.0,  # the invalid code of a 48-bit register, in Wh
        123_456_000.0,  # a divisor that was off by a thousand
        4_321_000.0,  # a counter that came back, which Home Assistant takes for a new one
        -5_000.0,
    ],
)
def test_a_jump_is_found_and_what_follows_is_judged_by_what_was_right(wh: float) -> None:
    assert found(0.0, 300.0, wh, 310.0, wh, 0.0, 280.0) == [wh, wh]


def test_the_limits_are_exact() -> None:
    assert found(0.0, MOST_WH) == []
    assert found(0.0, MOST_WH + 1) == [MOST_WH + 1]
    assert found(0.0, -MARGIN_WH) == []
    assert found(0.0, -MARGIN_WH - 1) == [-MARGIN_WH - 1]


def test_a_meter_that_was_silent_counts_all_at_once() -> None:
    assert found(-3 * DAY, 0.0, 300_000.0) == []
    assert found(0.0, 0.0, 300_000.0) == [300_000.0]


def test_slots_may_come_in_any_order() -> None:
    slots = [CountedEnergy(600.0, 200.0), CountedEnergy(0.0, 1e9), CountedEnergy(300.0, 100.0)]
    assert [slot.begin for slot in impossible(slots, DEVICE_W, 0.0)] == [0.0]


def test_a_device_carries_less_than_a_home() -> None:
    assert most_watts(Role.DEVICE) < most_watts(Role.GRID) == most_watts(Role.SOLAR)
