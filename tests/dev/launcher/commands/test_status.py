import json
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.commands import status
from dev.launcher.supervisord_client import SupervisordClient
from hems.supervision.health import health_table
from hems.supervision.health.health_row import HealthRow
from tests.dev.launcher.test_desk_display import ILL, WELL


@pytest.mark.parametrize(("rows", "code"), [([WELL, WELL], 0), ([WELL, ILL], 3)])
def test_status_ends_with_3_when_a_unit_is_unhealthy(
    mocker: MockerFixture, rows: list[HealthRow], code: int
) -> None:
    mocker.patch.object(SupervisordClient, "health", return_value=rows)
    assert status.run(run_dir=Path(), as_json=False) == code


def test_status_for_machines_is_json(
    mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch.object(
        SupervisordClient, "health", return_value=[WELL._replace(metrics='{"frames": 3}')]
    )
    status.run(run_dir=Path(), as_json=True)
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["metrics"]) == ("broker", {"frames": 3})


def test_status_fits_into_the_terminal(
    mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch.object(
        SupervisordClient, "health", return_value=[WELL._replace(status="a long status " * 20)]
    )
    mocker.patch.object(health_table, "terminal_width", return_value=80)
    status.run(run_dir=Path(), as_json=False)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
