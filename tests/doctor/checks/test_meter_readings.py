import json
from datetime import UTC, datetime

import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import meter_readings
from hems.doctor.repair_commands import RepairCommands
from tests.doctor.checks.health_report import report, unit
from tests.supervision.health.test_health_table import PROBLEM

COMMANDS = RepairCommands()
NOW = 1_700_000_000.0


def state(age_s: float) -> bytes:
    return json.dumps({"last_frame": datetime.fromtimestamp(NOW - age_s, UTC).isoformat()}).encode()


@pytest.mark.parametrize(
    ("states", "severity", "words"),
    [
        ({"1": state(20)}, Severity.OK, "1 sent 20 s ago"),
        ({"1": state(-3)}, Severity.OK, "1 sent 0 s ago"),
        ({"1": state(1200)}, Severity.FAILED, "1 sent 20 min ago"),
        ({}, Severity.FAILED, "1 has not sent yet"),
        ({"1": b"{}"}, Severity.NOTE, "the clock was not synchronised"),
        ({"1": b'{"firmware_update_wanted":true}'}, Severity.FAILED, "frames without a reading"),
        ({"1": b'{"firmware_update_wanted":false,"date":null}'}, Severity.NOTE, "unknown time"),
        ({"1": b"{"}, Severity.FAILED, "cannot be decoded"),
        ({"1": b'{"last_frame":"yesterday"}'}, Severity.FAILED, "cannot be decoded"),
    ],
)
def test_a_reading_may_have_a_limited_age(
    states: dict[str, bytes], severity: Severity, words: str
) -> None:
    finding = meter_readings.reading("1", states, NOW, 600.0, COMMANDS)
    assert finding.severity is severity
    assert words in finding.found


def test_other_meters_are_as_provision_saw_them() -> None:
    ages = {"Fridge": 130.0, "Car": None, "Heat pump": 7200.0}
    metrics = json.dumps({"reading_ages_s": ages})
    problem = PROBLEM._replace(name="device-silent", subject="Heat pump", found="no reading")
    row = unit(name="provision", metrics=metrics, problems=[problem])
    findings = {one.found: one.severity for one in meter_readings.others(report(row))}
    assert findings == {
        "Fridge sent 2 min ago": Severity.OK,
        "Car has not sent since provision started": Severity.NOTE,
        "Heat pump: no reading": Severity.FAILED,
    }
    assert [*meter_readings.others(None)] == []


@pytest.mark.parametrize("states", [{}, {"1": state(1200)}], ids=["never", "20 min ago"])
def test_a_silence_is_a_failure_once_the_gateway_lists_it_as_a_problem(
    states: dict[str, bytes],
) -> None:
    for is_listed in (False, True, None):
        finding = meter_readings.reading("1", states, NOW, 600.0, COMMANDS, is_listed=is_listed)
        assert finding.severity is (Severity.NOTE if is_listed is False else Severity.FAILED)
        assert finding.advice.startswith("check the dongle: ")
        assert ("waits" in finding.found) == (is_listed is False)


@pytest.mark.parametrize(
    ("problems", "is_listed"),
    [
        ([], False),
        ([("unit-stopped", "1")], False),
        ([("meter-silent", "2")], False),
        ([("meter-silent", "1")], True),
        ([("meter-never-seen", "1")], True),
    ],
)
def test_the_list_of_problems_names_the_silent_dongles(
    problems: list[tuple[str, str]], is_listed: bool
) -> None:
    rows = [unit(problems=(PROBLEM._replace(name=name, subject=one),)) for name, one in problems]
    assert ("1" in meter_readings.silent_dongles(report(*rows))) is is_listed
