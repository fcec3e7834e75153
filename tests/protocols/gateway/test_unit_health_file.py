import json

import msgspec
import pytest

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway.unit_health_file import (
    HealthReport,
    UnitHealth,
    decode,
    fresh,
)
from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.units.unit_phase import HealthState
from tests.supervision.health.test_health_table import BAD, GOOD, PROBLEM

UNIT = {
    "name": "led",
    "type": "notify",
    "state": "failed",
    "reason": "exit status 78",
    "is_healthy": False,
    "is_ready": False,
    "status": "3 lights",
    "restarts": 2,
    "restart_reason": "exit status 1",
    "metrics": {"lights": 3},
    "pid": None,
}
REPORT = json.dumps({"written_at": 12.5, "units": [UNIT]}).encode()


def test_a_report_is_read_and_what_is_not_needed_is_passed_over() -> None:
    report = decode(REPORT)
    [unit] = report.units
    assert report.written_at == 12.5
    assert (unit.name, unit.state, unit.is_healthy) == ("led", HealthState.FAILED, False)
    assert (unit.reason, unit.restarts, unit.restart_reason) == (
        "exit status 78",
        2,
        "exit status 1",
    )
    assert json.loads(bytes(unit.metrics)) == {"lights": 3}


def test_a_part_of_a_report_is_none() -> None:
    for end in range(len(REPORT)):
        with pytest.raises(ProtocolError, match="supervisord's health report: "):
            decode(REPORT[:end])


@pytest.mark.parametrize(
    "data", [b"[]", b"\xff", b"[" * 100_000, REPORT.replace(b"failed", b"falled")]
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


def test_a_report_is_fresh_for_30_s() -> None:
    data = msgspec.json.encode(HealthReport(100, ()))
    assert fresh(data, 130.0) == HealthReport(100, ())
    with pytest.raises(Unavailable, match="supervisord's health report is older than 30 s"):
        fresh(data, 130.1)


class Lights(msgspec.Struct):
    lights: int


def test_the_metrics_of_a_worker_are_decoded() -> None:
    assert decode(REPORT).metrics("led", Lights) == Lights(3)


@pytest.mark.parametrize("metrics", [b"{}", b"null", b'{"lights":"x"}', b"[" * 100_000])
def test_metrics_of_another_version_and_of_an_unknown_worker_are_none(metrics: bytes) -> None:
    unit = UnitHealth("led", HealthState.ACTIVE, "", True, 0, "", msgspec.Raw(metrics))
    report = HealthReport(1.0, (unit,))
    assert report.metrics("led", Lights) is None
    assert report.metrics("watchdog", Lights) is None


def test_the_problems_of_all_units_are_one_list_the_oldest_first() -> None:
    later, earlier = (PROBLEM._replace(name=name, began_at=at) for name, at in (("b", 9), ("a", 3)))
    rows = [GOOD._replace(problems=(later,)), BAD._replace(problems=(earlier,))]
    report = decode(HealthEncoder().report(rows, 10.0).encode())
    assert [problem.name for problem in report.problems] == ["a", "b"]
    assert msgspec.structs.asdict(report.problems[1]) == later._asdict()
