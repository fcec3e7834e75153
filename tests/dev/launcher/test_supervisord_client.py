from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.running_desk import is_running
from dev.launcher.supervisord_client import SupervisordClient
from hems.errors import Unavailable


@pytest.fixture(params=[FileNotFoundError, ConnectionRefusedError])
def _nothing(mocker: MockerFixture, request: pytest.FixtureRequest) -> None:
    """Answer as the kernel does when nobody listens on the socket."""
    mocker.patch("socket.socket.connect", side_effect=request.param)


@pytest.mark.usefixtures("_nothing")
def test_nothing_runs_where_nobody_listens() -> None:
    assert not is_running(Path("/run/desk"))


@pytest.mark.usefixtures("_nothing")
def test_without_a_gateway_one_line_says_how_to_start_one() -> None:
    line = "^no gateway runs in /run/desk; to start one, run `python3 bin/up --run-dir /run/desk`$"
    with pytest.raises(Unavailable, match=line):
        SupervisordClient(Path("/run/desk")).health()
