"""A plugin of supervisord for the tests: it plants a mistake in the state machine of units.

The option `without` names transitions that are missing then: PHASE:EVENT, such as RUNNING:STOP.
"""

from typing import Any, cast

from hems.supervision.units import unit_transitions
from hems.supervision.units.unit_phase import UnitPhase
from hems.supervision.units.unit_transitions import UnitEvent

Rows = dict[tuple[UnitPhase, UnitEvent], UnitPhase]


def make_interface(_supervisord: Any, without: str) -> object:
    rows = cast("Rows", unit_transitions.TRANSITIONS)
    for text in without.split():
        phase, event = text.split(":")
        del rows[UnitPhase[phase], UnitEvent[event]]
    return object()
