from dev.documents.unit_state_diagram import DOCUMENT, document
from hems.supervision.units.unit_phase import UnitPhase


def test_the_diagram_in_the_documentation_is_that_of_the_table() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        f"{DOCUMENT.name} is old; run python -m dev.documents.unit_state_diagram"
    )


def test_every_phase_can_be_reached_and_left() -> None:
    arrows = [
        line.split(":")[0].split(" --> ") for line in document().splitlines() if "-->" in line
    ]
    names = {phase.value.replace("-", "_") for phase in UnitPhase}
    assert {start.strip() for start, _ in arrows} == names
    assert {end.strip() for _, end in arrows} == names
