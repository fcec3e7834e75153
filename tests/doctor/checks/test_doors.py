import pytest

from hems.doctor.check_interface import Finding, Severity
from hems.doctor.checks.doors import finding, others
from hems.doctor.repair_commands import RepairCommands
from hems.settings.doors import DOORS

DOOR = {door.port: door for door in DOORS}


def found(port: int, answer: str, *, is_declared: bool) -> Finding:
    return finding(DOOR[port], answer, RepairCommands(), is_declared=is_declared)


@pytest.mark.parametrize(
    ("port", "is_declared", "answer", "severity", "text"),
    [
        (443, False, "", Severity.OK, "443 (the pages and their APIs, with TLS): open"),
        (443, False, "refused", Severity.FAILED, "with TLS): refused"),
        (8123, False, "refused", Severity.OK, "8123 (Home Assistant without TLS): closed"),
        (8123, True, "", Severity.OK, "without TLS): open, by OPEN_PORTS"),
        (8123, True, "refused", Severity.FAILED, "without TLS): refused"),
        (8123, False, "", Severity.FAILED, "open, but no setting opens it"),
    ],
)
def test_a_door_is_as_its_setting_says(
    port: int, is_declared: bool, answer: str, severity: Severity, text: str
) -> None:
    line = found(port, answer, is_declared=is_declared)
    assert (line.severity, text in line.found) == (severity, True), line


def test_other_listeners_of_the_host_are_named() -> None:
    listeners = [
        ("0.0.0.0", 443),  # a door
        ("172.18.4.1", 7846),  # on the bridge
        ("::", 22222),
        ("0.0.0.0", 22222),
        ("192.0.2.1", 5000),
    ]
    lines = [line.found for line in others(listeners, "172.18.4.0/24")]
    assert lines == [
        "5000 on 192.0.2.1: no door of this gateway: OPEN_PORTS does not close it",
        "22222 on 0.0.0.0, ::: balenaOS: SSH with a key that balena knows",
    ]
