import pytest

from hems.workers.telemetry.figures import Figures, status


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (Figures(3, "connected", {}), "MQTT connected, 3 states published"),
        (
            Figures(0, "refused", {"memory": "gone", "disk space": "full"}),
            "MQTT away: refused, 0 states published, not known: memory, disk space",
        ),
    ],
)
def test_the_status_is_a_line_for_people(told: Figures, line: str) -> None:
    assert status(told) == line
