from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.estimated_power import EstimatedPower, estimated_power


def test_a_small_power_is_estimated_over_a_longer_span() -> None:
    """100 W are 1.67 Wh a minute: one minute alone says 60 or 120 W."""
    totals = [(60.0 * minute, 5000 + 100 * minute // 60) for minute in range(11)]
    assert estimated_power(totals[-2:]) is None
    assert estimated_power(totals) == pytest.approx(100, abs=20)


def test_a_large_power_is_estimated_over_the_last_span_alone() -> None:
    totals = [(0.0, 5000), (60.0, 5001), (120.0, 5101)]
    assert estimated_power(totals) == pytest.approx(6000)


@pytest.mark.parametrize(
    "totals", [[], [(0.0, 5000)], [(0.0, 5000), (601.0, 5001)], [(5.0, 1), (5.0, 2)]]
)
def test_no_estimate_without_an_earlier_reading_near_enough(
    totals: list[tuple[float, int]],
) -> None:
    assert estimated_power(totals) is None


def test_an_estimate_takes_the_whole_window_and_not_a_second_more() -> None:
    assert estimated_power([(0.0, 5000), (600.0, 5001)]) == pytest.approx(6)
    assert estimated_power([(0.0, 5000), (601.0, 5001)]) is None


def test_an_estimate_of_no_power_needs_three_minutes() -> None:
    assert estimated_power([(0.0, 5000), (179.0, 5000)]) is None
    assert estimated_power([(0.0, 5000), (180.0, 5000)]) == 0


def test_energy_a_minute_becomes_power() -> None:
    power = EstimatedPower()
    assert power.add(0, 0, 6000) is None
    assert power.add(60, 40, 6000) == pytest.approx(2400)


def test_it_never_exceeds_what_the_meter_can_carry_nor_falls_below_zero() -> None:
    power = EstimatedPower()
    power.add(0, 0, 6000)
    assert power.add(60, 130, 6000) == 6000
    assert power.add(240, -130, 6000) == 0


def test_each_new_count_begins_without_the_old_one() -> None:
    power = EstimatedPower()
    for begin in (0, 7200):
        power.add(begin, 0, 6000)
        assert power.add(begin + 60, 40, 6000) == pytest.approx(2400)
        power.clear()
        assert power.add(begin + 120, 40, 6000) is None
        power.clear()
