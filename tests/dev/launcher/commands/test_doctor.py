from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.commands import doctor


def test_without_a_running_gateway_the_doctor_says_so_in_one_line_and_ends_with_2(
    mocker: MockerFixture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch.object(doctor, "is_running", return_value=False)
    assert doctor.run(run_dir=tmp_path) == 2
    command = f"python3 bin/up --run-dir {tmp_path}"
    line = f"doctor: no gateway runs in {tmp_path}; to start one, run `{command}`\n"
    assert capsys.readouterr() == ("", line)
