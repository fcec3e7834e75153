import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import refusals
from hems.protocols.gateway.reported_refusals import by_door
from hems.supervision.health.health_row import HealthRow
from tests.doctor.checks.health_report import ROW, report, unit

MQTT = unit(name="telemetry", metrics='{"refused_in_an_hour": {"MQTT": 3, "InfluxDB": 0}}')
D2L = unit(name="eesmart-d2l", metrics='{"refused_in_an_hour": {"port 7845": 1}}')
QUIET = unit(name="led", metrics='{"refused_in_an_hour": {"Home Assistant": 0}}')


@pytest.mark.parametrize(
    ("rows", "severity", "words"),
    [
        ((ROW,), Severity.NOTE, "not known: no worker counts them yet"),
        ((ROW, QUIET), Severity.OK, "none in the last hour"),
        ((MQTT, D2L, QUIET), Severity.NOTE, "refused in the last hour: MQTT 3, port 7845 1"),
    ],
)
def test_each_door_that_refused_somebody_is_named(
    rows: tuple[HealthRow, ...], severity: Severity, words: str
) -> None:
    finding = refusals.finding(by_door(report(*rows)))
    assert (finding.severity, finding.found) == (severity, words)
