import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.system import line_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_lines_are_added(path: Path) -> None:
    line_files.append_line(path, "one")
    line_files.append_line(path, "zwei ü")
    assert path.read_text() == "one\nzwei ü\n"


def test_a_line_that_was_cut_off_is_ended_first(path: Path) -> None:
    path.write_text("one\ntw")
    line_files.append_line(path, "three")
    assert path.read_text() == "one\ntw\nthree\n"


def test_a_line_that_does_not_fit_leaves_nothing(path: Path, mocker: MockerFixture) -> None:
    write = os.write
    line_files.append_line(path, "one")
    mocker.patch.object(os, "write", lambda fd, data: write(fd, data[:3]))
    with pytest.raises(Unavailable, match="No space left on device"):
        line_files.append_line(path, "two three")
    assert path.read_text() == "one\n"


def test_the_name_of_a_new_file_with_lines_is_on_disk_too(
    path: Path, mocker: MockerFixture
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    mocker.patch.object(os, "fsync", noted)
    line_files.append_line(path, "one")
    assert synced == [path, path.parent]
    line_files.append_line(path, "two")
    assert synced == [path, path.parent, path]
