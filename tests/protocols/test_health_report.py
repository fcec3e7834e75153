import json
from contextlib import nullcontext

import msgspec
import pytest

from hems.errors import ProtocolError, Unavailable
from hems.protocols.health_report import FRESH_S, HealthReport, UnitState, believed, decode

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
    "figures": {"lights": 3},
    "pid": None,
}
REPORT = json.dumps({"written_at": 12.5, "units": [UNIT]}).encode()


def test_a_report_is_read_and_what_is_not_needed_is_passed_over() -> None:
    report = decode(REPORT)
    [unit] = report.units
    assert report.written_at == 12.5
    assert (unit.name, unit.state, unit.is_healthy) == ("led", UnitState.FAILED, False)
    assert (unit.reason, unit.restarts, unit.restart_reason) == (
        "exit status 78",
        2,
        "exit status 1",
    )
    assert json.loads(bytes(unit.figures)) == {"lights": 3}


@pytest.mark.parametrize("end", range(len(REPORT)))
def test_a_part_of_a_report_is_none(end: int) -> None:
    with pytest.raises(ProtocolError, match="not a report of the units' health"):
        decode(REPORT[:end])


@pytest.mark.parametrize(
    "data", [b"[]", b"\xff", b"[" * 100_000, REPORT.replace(b"failed", b"falled")]
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


@pytest.mark.parametrize(
    ("now", "is_fresh"),
    [(100, True), (100 + FRESH_S, True), (100.1 + FRESH_S, False), (99.9, False)],
)
def test_a_report_is_believed_for_a_while_and_not_from_another_boot(
    now: float, is_fresh: bool
) -> None:
    report = HealthReport(100, ())
    assert report.is_fresh(now) is is_fresh
    with nullcontext() if is_fresh else pytest.raises(Unavailable, match="old"):
        assert believed(msgspec.json.encode(report), now) == report
