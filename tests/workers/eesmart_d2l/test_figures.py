import pytest

from hems.workers.eesmart_d2l.figures import Figures, status


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            Figures(2, 1, 60, {"too slow": 2, "time runs backwards": 1}, 12.4, 3, "connected", ""),
            "1 of 2 meters seen, 60 frames, 3 refused (mostly: too slow), MQTT connected",
        ),
        (
            Figures(1, 0, 0, {}, None, 0, "it refuses the login", "no answer"),
            "0 of 1 meters seen, 0 frames, MQTT away: it refuses the login, vendor away: no answer",
        ),
        (
            Figures(0, 0, 0, {"unknown device": 1}, None, 0, "connected", ""),
            "no dongle may connect: set D2L_DEVICES=id:key:iv",
        ),
    ],
)
def test_the_status_is_a_line_for_people(told: Figures, line: str) -> None:
    assert status(told) == line
