"""Write the diagram of a unit's phases from the table of its transitions.

python -m dev.documents.unit_state_diagram
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.supervision.units.unit_phase import STATES, HealthState, UnitPhase
from hems.supervision.units.unit_transitions import ROWS

DOCUMENT = Path(__file__).parents[2] / "docs/supervision/states.md"
_INTRODUCTION = """# The phases of a unit

Each phase has the name of a service's sub-state in systemd; `waiting` is a start job that waits. A
phase for which the unit has no command and no process is left at once with `done`. The table below
the diagram has the words that `supervisorctl health` shows; a unit that is dead because it ended
with success is `exited` there too. `python -m dev.documents.unit_state_diagram` writes this file
from hems/supervision/units/unit_transitions.py.

An event that is not in the table is a mistake of supervision itself. It ends only that unit: a
traceback is in supervisord's log, the processes of the unit are killed, and it has failed with
`Result=supervision`. `supervisorctl start` starts it again.
"""


def document() -> str:
    """Return the whole document."""
    return "\n".join([_INTRODUCTION, "```mermaid", *_diagram(), "```", "", *_table(), ""])


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    for phase in UnitPhase:
        yield f"    {_name(phase)}: {phase.value}"
    for phases, event, target in ROWS:
        for phase in sorted(phases, key=list(UnitPhase).index):
            yield f"    {_name(phase)} --> {_name(target)}: {event.value}"


def _table() -> Iterator[str]:
    yield "| state | phases |"
    yield "|---|---|"
    for state in HealthState:
        phases = ", ".join(phase.value for phase in UnitPhase if STATES[phase] is state)
        yield f"| {state.value} | {phases} |"


def _name(phase: UnitPhase) -> str:
    return phase.value.replace("-", "_")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
