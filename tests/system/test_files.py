import errno
import os
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system import files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_replaced_and_nothing_else_is_left(path: Path) -> None:
    files.replace(path, b"old")
    files.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_what_an_interrupted_replacement_left_is_no_obstacle(path: Path) -> None:
    path.with_name(".file.new").write_bytes(b"half of some longer conte")
    files.replace(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_replacement_that_fails_leaves_the_old_content(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    files.replace(path, b"old")
    monkeypatch.setattr(os, call, full)
    with pytest.raises(Unavailable, match="file cannot be written: No space left on device"):
        files.replace(path, b"new")
    assert path.read_bytes() == b"old"


def test_content_is_on_disk_before_it_has_the_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        done.append("fsync")
        fsync(descriptor)

    def noted_replace(unfinished: Path, target: Path) -> Path:
        done.append("rename")
        return replace(unfinished, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    files.replace(path, b"new")
    assert done == ["fsync", "rename", "fsync"]


def test_lines_are_added(path: Path) -> None:
    files.append_line(path, "one")
    files.append_line(path, "zwei ü")
    assert path.read_text() == "one\nzwei ü\n"


def test_a_line_that_was_cut_off_is_ended_first(path: Path) -> None:
    path.write_text("one\ntw")
    files.append_line(path, "three")
    assert path.read_text() == "one\ntw\nthree\n"


def test_a_line_that_does_not_fit_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    files.append_line(path, "one")
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
    with pytest.raises(Unavailable, match="No space left on device"):
        files.append_line(path, "two three")
    assert path.read_text() == "one\n"


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing/file cannot be written: No such file"):
        files.replace(tmp_path / "missing" / "file", b"")
    with pytest.raises(Unavailable, match="missing/file cannot be written: No such file"):
        files.append_line(tmp_path / "missing" / "file", "x")
