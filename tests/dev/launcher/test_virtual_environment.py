import importlib.util
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.run_folder import claimed
from dev.launcher.virtual_environment import Environment, explained
from hems.errors import Unavailable


@pytest.mark.parametrize(
    ("problem", "hint"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("/x/.hems: Read-only file system", "clone it to a place of your own"),
        ("/x/.hems: Permission denied", "clone it to a place of your own"),
        ("Failed to establish a new connection: [Errno -3]", "is this machine online"),
        ("ERROR: Could not find a version that satisfies the", "is this machine online"),
    ],
)
def test_a_known_problem_comes_with_what_to_do(problem: str, hint: str) -> None:
    assert problem in explained(problem)
    assert hint in explained(problem)


def test_a_hint_is_given_once() -> None:
    both = "Failed to establish a new connection, Could not find a version"
    assert explained(both).count("is this machine online") == 1


def test_an_unknown_problem_stays_as_it_is() -> None:
    assert explained("something else") == "something else"


def test_a_debian_without_ensurepip_is_told_what_to_install(
    mocker: MockerFixture, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    mocker.patch.object(importlib.util, "find_spec", return_value=None)
    with pytest.raises(Unavailable, match="apt install python3-venv"):
        Environment(tmp_path).make([])


def test_the_environment_of_a_running_desk_is_never_rebuilt(
    mocker: MockerFixture, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    run = mocker.patch("hems.system.subprocesses.run")
    with claimed(tmp_path / ".hems"), pytest.raises(Unavailable, match="stop it with Ctrl-C"):
        Environment(tmp_path).make([])
    assert run.call_count == 0
    Environment(tmp_path).make([])
    assert run.call_count == 2


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".hems").touch()
    with pytest.raises(Unavailable, match=r"venv\.lock: Not a directory|File exists"):
        Environment(tmp_path).make([])


def test_an_interruption_ends_the_line_of_its_step(
    mocker: MockerFixture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    mocker.patch("hems.system.subprocesses.run", side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        Environment(tmp_path).make([])
    assert capsys.readouterr().err.endswith(" ... \n")
