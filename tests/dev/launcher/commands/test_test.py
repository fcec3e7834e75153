"""How bin/test calls tox."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import pytest
from pytest_mock import MockerFixture

from dev.launcher import debian_test_packages, influxd_build
from dev.launcher.commands import test
from hems.system import subprocesses


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["run-parallel", "--parallel", "3", "--parallel-no-spinner"]),
        (["-e", "unit", "--", "--sw"], ["-e", "unit", "--", "--sw"]),
    ],
    ids=["everything", "what the user asks for"],
)
def test_everything_runs_side_by_side_and_a_choice_as_it_is_given(
    mocker: MockerFixture, arguments: Sequence[str], expected: list[str]
) -> None:
    mocker.patch.dict(os.environ, {"CI": ""})
    mocker.patch.object(os, "chdir")
    mocker.patch.object(debian_test_packages, "missing", return_value=[])
    begun = mocker.patch.object(influxd_build, "start_in_background")
    replaced = mocker.patch.object(subprocesses, "replace")
    test.run(tox_arguments=arguments)
    replaced.assert_called_once_with([sys.executable, "-m", "tox", *expected])
    assert not begun.called
