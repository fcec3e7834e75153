import pytest

from hems.supervision.units.unit_phase import UnitPhase
from hems.supervision.units.unit_transitions import (
    ROWS,
    TRANSITIONS,
    IllegalTransition,
    UnitEvent,
    target,
)


def test_an_event_has_one_result_in_each_phase() -> None:
    assert sum(len(phases) for phases, _, _ in ROWS) == len(TRANSITIONS)


def test_what_cannot_happen_is_an_error() -> None:
    with pytest.raises(IllegalTransition, match="'STOPPING=1' cannot happen in 'dead'"):
        target(UnitPhase.DEAD, UnitEvent.STOPPING)
