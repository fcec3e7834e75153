import pytest

from hems.errors import Unavailable
from hems.settings import Settings
from hems.workers.telemetry import Telemetry, TelemetryMetrics, status
from hems.workers.telemetry.energy_summary import EnergySummary
from hems.workers.telemetry.state_sources import StateReader, sources
from tests.fakes.time import context


def test_it_does_not_start_without_a_login_at_the_broker() -> None:
    home = EnergySummary(Settings(), None, "7")
    worker = Telemetry(Settings(), StateReader(sources(Settings()), ""), home, "7", None)
    with pytest.raises(Unavailable, match="no login at the broker yet"):
        worker.run(context(1.0)[0])


@pytest.mark.parametrize(
    ("metrics", "line"),
    [
        (TelemetryMetrics(3, "connected", {}, {}, 0, ""), "MQTT connected, 3 states published"),
        (
            TelemetryMetrics(3, "connected", {}, {}, 17, ""),
            "MQTT connected, 3 states published, 17 values of the home",
        ),
        (
            TelemetryMetrics(
                0,
                "refused",
                {"memory": "gone", "disk space": "full"},
                {"MQTT": 0, "the editor": 2, "InfluxDB": 101},
                0,
                "it starts",
            ),
            "MQTT away: refused, 0 states published, not known: memory, disk space, "
            "Home Assistant: it starts, refused in the last hour: the editor 2, InfluxDB 101",
        ),
    ],
)
def test_the_status_is_a_line_for_people(metrics: TelemetryMetrics, line: str) -> None:
    assert status(metrics) == line
