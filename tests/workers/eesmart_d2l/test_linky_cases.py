"""The cases in virtual time: at the meter's pace, and all frames in a moment."""

from __future__ import annotations

import pytest

from tests.linky_cases import LinkyCase, all_cases, faults
from tests.workers.eesmart_d2l.replay import VirtualReplay

CASES = list(all_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_at_the_meters_pace_the_worker_publishes_what_is_right(case: LinkyCase) -> None:
    replay = VirtualReplay()
    states = replay.run(case)
    assert faults(case, states, replay.components) == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.right.get("virtual")], ids=lambda case: case.name
)
def test_in_a_moment_the_worker_publishes_what_is_right(case: LinkyCase) -> None:
    replay = VirtualReplay()
    states = replay.run(case, pace=0.001)
    assert faults(case, states, replay.components) == []


def test_a_fault_is_found() -> None:
    right = {"sum": {"east": 1}, "never": {"east": [5]}, "most": {"east": 4}, "last": {"east": 4}}
    case = LinkyCase("a case", "", right, ())
    assert len(faults(case, [{"east": 3}, {"east": 5}])) == 4
    assert faults(case, [{"east": 3}, {"east": 4}]) == []


def test_a_fault_of_the_entities_is_found() -> None:
    right = {"names": {"iinst1": "Current"}, "removed": ["hchc"], "gone": ["hchp", "base"]}
    case = LinkyCase("a case", "", right, ())
    sensor = {"platform": "sensor"}
    assert len(faults(case, [], {"hchp": {**sensor, "name": "Energy peak"}})) == 3
    well = {"iinst1": {**sensor, "name": "Current"}, "hchc": sensor, "hchp": sensor}
    assert faults(case, [], well) == []
