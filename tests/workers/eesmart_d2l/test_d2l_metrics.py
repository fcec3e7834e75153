import pytest

from hems.workers.eesmart_d2l.d2l_metrics import D2lMetrics, status


@pytest.mark.parametrize(
    ("published", "line"),
    [
        (
            D2lMetrics(
                2, 1, 60, {"too slow": 2, "implausible time": 1}, {}, 12.4, 3, "connected", ""
            ),
            "1 of 2 meters seen, 60 frames, 3 refused (mostly: too slow), MQTT connected",
        ),
        (
            D2lMetrics(1, 0, 0, {}, {}, None, 0, "it refuses the login", "no answer"),
            "0 of 1 meters seen, 0 frames, MQTT away: it refuses the login, vendor away: no answer",
        ),
        (
            D2lMetrics(0, 0, 0, {"unknown device": 1}, {}, None, 0, "connected", ""),
            "no dongle may connect: set D2L_DEVICES=id:key:iv",
        ),
    ],
)
def test_the_status_is_a_readable_line(published: D2lMetrics, line: str) -> None:
    assert status(published) == line
