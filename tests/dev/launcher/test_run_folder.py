import errno
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.run_folder import (
    claimed,
    fill,
    full_disk,
    is_deleted,
    read_devices,
)
from hems.errors import ConfigError, Unavailable
from tests.dev.launcher.test_desk_plan import KEYS, PLAN


def test_a_run_directory_is_private(tmp_path: Path) -> None:
    with claimed(tmp_path / "new") as path:
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_second_desk_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    refused = pytest.raises(Unavailable, match=r"runs in .* already")
    with claimed(tmp_path / "d"), refused, claimed(tmp_path / "d"):
        pass
    with claimed(tmp_path / "d"):
        pass


def test_a_directory_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with (
        pytest.raises(
            ConfigError,
            match=r"expected mode 700: run `chmod 700 \S+/open`, or choose another --run-dir",
        ),
        claimed(tmp_path / "open"),
    ):
        pass


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too long"), claimed(tmp_path / ("x" * 100)):
        pass


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigError, match="/file is a file, not a folder; choose another"),
        claimed(tmp_path / "file"),
    ):
        pass


@pytest.mark.parametrize("name", ["100%", 'a"b'])
def test_a_path_that_supervisord_cannot_read_is_refused(tmp_path: Path, name: str) -> None:
    refused = pytest.raises(ConfigError, match=r"has a . that supervisord\.conf cannot hold")
    with refused, claimed(tmp_path / name):
        pass
    assert not (tmp_path / name).exists()


def test_the_last_runs_logs_and_problems_are_gone(tmp_path: Path) -> None:
    plan = replace(PLAN, run_dir=tmp_path)
    plan.log_dir.mkdir()
    (plan.log_dir / "old.log").touch()
    (health := tmp_path / "health.json").touch()
    fill(plan)
    assert list(plan.log_dir.iterdir()) == []
    assert not health.exists()


def test_only_the_files_made_for_that_hold_a_secret(tmp_path: Path) -> None:
    fill(replace(PLAN, run_dir=tmp_path))
    secrets = [PLAN.mqtt_password, PLAN.supervisor_key, *(part for pair in KEYS for part in pair)]
    telling = {
        path.name
        for path in tmp_path.iterdir()
        if path.is_file() and any(secret in path.read_text() for secret in secrets)
    }
    assert telling == {"mqtt-password", "d2l-devices", "supervisor-key"}


def test_a_full_disk_is_one_line_that_names_the_place(
    mocker: MockerFixture, tmp_path: Path
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    mocker.patch.object(Path, "write_text", side_effect=full)
    line = f"cannot write {tmp_path}: No space left on device"
    with pytest.raises(Unavailable, match=f"^{line}$"):
        fill(replace(PLAN, run_dir=tmp_path))


def test_a_folder_that_disappears_under_a_desk_is_noticed(tmp_path: Path) -> None:
    with claimed(tmp_path / "d") as path:
        assert not is_deleted(path)
        shutil.rmtree(path)
        assert is_deleted(path)


@pytest.mark.parametrize(("free", "is_full"), [(0, True), (65_535, True), (65_536, False)])
def test_a_disk_that_has_become_full_is_said(
    mocker: MockerFixture, tmp_path: Path, free: int, is_full: bool
) -> None:
    mocker.patch("shutil.disk_usage").return_value.free = free
    assert full_disk(tmp_path).startswith("the disk is full") == is_full


def test_what_the_desk_has_written_is_read_again(tmp_path: Path) -> None:
    fill(replace(PLAN, run_dir=tmp_path))
    assert read_devices(tmp_path) == ";".join(PLAN.devices)
