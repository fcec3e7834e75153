from pathlib import Path

import pytest

from dev.launcher import run_folder
from dev.wipe import desk
from hems.errors import ConfigError, Unavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "desk"
    with run_folder.claimed(path):
        (path / "gateway" / "secrets").mkdir(parents=True)
        (path / "gateway" / "secrets" / "CONFIG_PASSWORD").write_text("secret")
    return path


def test_the_folder_of_the_desk_is_removed_once_its_name_is_typed(folder: Path) -> None:
    with pytest.raises(ConfigError, match="nothing was changed"):
        desk.wipe(folder, lambda question: "yes")
    assert (folder / "gateway/secrets/CONFIG_PASSWORD").exists()
    assert desk.wipe(folder, lambda question: "desk\n")[0].startswith(f"{folder} is removed")
    assert not folder.exists()


def test_a_desk_that_runs_and_a_folder_of_something_else_stay(folder: Path, tmp_path: Path) -> None:
    with run_folder.claimed(folder), pytest.raises(Unavailable, match="runs in"):
        desk.wipe(folder, lambda question: "desk")
    other = tmp_path / "photographs"
    other.mkdir()
    with pytest.raises(ConfigError, match="no folder of a desk"):
        desk.wipe(other, lambda question: "photographs")
    assert other.exists()
    assert folder.exists()
