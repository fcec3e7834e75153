import pytest

from hems.clients.balena.supervisor_responses import ApplicationState, Container, DeviceStatus
from hems.doctor.check_interface import Severity
from hems.doctor.checks import balena_and_containers
from hems.doctor.repair_commands import RepairCommands

COMMANDS = RepairCommands()


def containers(*status: str, is_applying: bool = False) -> DeviceStatus:
    listed = (Container(f"s{number}", one, "id") for number, one in enumerate(status))
    return DeviceStatus(tuple(listed), frozenset(), is_applying)


@pytest.mark.parametrize(
    ("status", "severity", "words"),
    [
        (containers("Running", "Running"), Severity.OK, "2 containers run"),
        (containers("Running", "exited"), Severity.FAILED, "not running: s1"),
        (containers("exited", is_applying=True), Severity.NOTE, "an update is in progress: s0"),
    ],
)
def test_the_findings_from_the_devices_state(
    status: DeviceStatus, severity: Severity, words: str
) -> None:
    (finding,) = balena_and_containers.containers(status, COMMANDS)
    assert finding.severity is severity
    assert words in finding.found


def test_a_service_that_runs_on_demand_may_be_stopped() -> None:
    stopped = Container("wifi-repeater", "exited", "id")
    (finding,) = balena_and_containers.containers(
        DeviceStatus((stopped,), frozenset(), is_applying=False), COMMANDS
    )
    assert finding.severity is Severity.OK


@pytest.mark.parametrize(
    ("application", "words"),
    [
        (ApplicationState((), is_updating=False), []),
        (ApplicationState((), is_updating=False, app_id=7), []),
        (
            ApplicationState((), is_updating=False, app_id=8),
            ["BALENA_APP_ID is 7, but the application's id is 8"],
        ),
        (
            ApplicationState((), is_updating=False, is_rejected=True, app_id=7),
            ["the device rejects the new release, so the old one keeps running"],
        ),
    ],
)
def test_the_findings_from_the_wanted_release(
    application: ApplicationState, words: list[str]
) -> None:
    findings = balena_and_containers.wanted_release(application, 7)
    assert [finding.found for finding in findings] == words
    assert all(finding.severity is Severity.FAILED for finding in findings)
