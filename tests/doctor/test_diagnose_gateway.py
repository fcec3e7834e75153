"""What the doctor does before it runs a check."""

from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.doctor import diagnose_gateway, supervisord_health
from hems.doctor.check_interface import Finding, failed, ok
from hems.doctor.check_runner import GatewayCheck
from hems.doctor.repair_commands import RepairCommands
from hems.errors import Unavailable

CONFIG = Path(__file__).resolve().parents[2] / "etc" / "hems.toml"
ENVIRON = {"HEMS_CONFIG": str(CONFIG)}


def test_without_a_gateway_one_line_says_how_to_start_it(
    mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Unavailable("/run/hems/supervisor.sock: No such file or directory")
    mocker.patch.object(supervisord_health, "require_running", side_effect=absent)
    assert diagnose_gateway.diagnose(ENVIRON, RepairCommands()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "no gateway runs: /run/hems/supervisor.sock: No such file or directory; "
        "to start it, restart the service hems in balena's dashboard\n"
    )


def test_without_hems_toml_one_line_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose_gateway.diagnose({"HEMS_CONFIG": "/nowhere"}, RepairCommands()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "/nowhere" in output.err


@pytest.mark.parametrize(
    ("finding", "code"), [(ok("fine"), 0), (failed("away", "an answer", "restart it"), 1)]
)
def test_the_exit_code_says_whether_a_check_has_failed(
    finding: Finding, code: int, mocker: MockerFixture
) -> None:
    mocker.patch.object(supervisord_health, "require_running")
    mocker.patch.object(
        diagnose_gateway, "discover", return_value=[GatewayCheck("one", lambda: [finding])]
    )
    assert diagnose_gateway.diagnose(ENVIRON, RepairCommands()) == code
