import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.system import files, line_files


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
    path: Path, mocker: MockerFixture, call: str
) -> None:
    files.replace(path, b"old")
    mocker.patch.object(os, call, full)
    with pytest.raises(Unavailable, match="file cannot be written: No space left on device"):
        files.replace(path, b"new")
    assert path.read_bytes() == b"old"


def test_content_is_on_disk_before_it_has_the_name(path: Path, mocker: MockerFixture) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        done.append("fsync")
        fsync(descriptor)

    def noted_replace(unfinished: Path, target: Path) -> None:
        done.append("rename")
        replace(unfinished, target)

    mocker.patch.object(os, "fsync", noted_fsync)
    mocker.patch.object(os, "replace", noted_replace)
    files.replace(path, b"new")
    assert done == ["fsync", "rename", "fsync"]


def test_a_secret_is_nobody_elses_to_read_before_it_has_its_owner(
    path: Path, mocker: MockerFixture
) -> None:
    modes: list[int] = []
    fstat = os.fstat

    def noted_fstat(descriptor: int) -> os.stat_result:
        modes.append(fstat(descriptor).st_mode & 0o777)
        return fstat(descriptor)

    mocker.patch.object(os, "fstat", noted_fstat)
    files.replace(path, b"secret", files.Access(0o640))
    assert modes == [0o600]
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("write", [files.replace, line_files.append_line])
def test_a_directory_that_is_missing_is_named_with_what_to_do(
    tmp_path: Path, write: Callable[[Path, Any], None]
) -> None:
    path = tmp_path / "missing" / "file"
    expected = f"{path} cannot be written: No such file or directory; create or mount {path.parent}"
    with pytest.raises(Unavailable, match=re.escape(expected)):
        write(path, b"new" if write is files.replace else "new")


def test_a_directory_that_can_be_written_to_is_left_as_it_is(tmp_path: Path) -> None:
    files.require_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_missing_or_a_file_cannot(path: Path) -> None:
    with pytest.raises(Unavailable, match="file is missing; create or mount it"):
        files.require_writable(path)
    path.touch()
    with pytest.raises(Unavailable, match="file is missing; create or mount it"):
        files.require_writable(path)


def test_one_that_is_mounted_read_only_cannot(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(os, "access", return_value=False)
    with pytest.raises(Unavailable, match=r"cannot be written to: read-only, or another user's"):
        files.require_writable(tmp_path)


@pytest.mark.parametrize("change", [{"f_bfree": 3}, {"f_ffree": 0}])
def test_one_on_a_full_disk_cannot(
    tmp_path: Path, mocker: MockerFixture, change: dict[str, int]
) -> None:
    room = {"f_frsize": 4096, "f_bfree": 1000, "f_files": 9, "f_ffree": 2}
    mocker.patch.object(os, "statvfs", return_value=SimpleNamespace(**room | change))
    with pytest.raises(Unavailable, match="cannot be written to: its disk is full"):
        files.require_writable(tmp_path)


def test_a_disk_without_a_count_of_files_is_not_full(tmp_path: Path, mocker: MockerFixture) -> None:
    room = SimpleNamespace(f_frsize=4096, f_bfree=1000, f_files=0, f_ffree=0)
    mocker.patch.object(os, "statvfs", return_value=room)
    files.require_writable(tmp_path)


def test_a_disk_that_does_not_answer_cannot(tmp_path: Path, mocker: MockerFixture) -> None:
    def failing(_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    mocker.patch.object(os, "statvfs", failing)
    with pytest.raises(Unavailable, match="cannot be written to: Input/output error"):
        files.require_writable(tmp_path)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.fixture
def changes(mocker: MockerFixture) -> list[str]:
    """Record every call that changes something on disk."""
    done: list[str] = []
    for name in ("replace", "fchmod", "fchown", "write", "mkdir", "unlink", "fsync"):
        original = getattr(os, name)

        def noted(*arguments: object, _name: str = name, _original: object = original) -> object:
            done.append(_name)
            return _original(*arguments)  # type: ignore[operator]

        mocker.patch.object(os, name, noted)
    return done


def test_the_access_is_set_before_there_is_any_content(path: Path, changes: list[str]) -> None:
    files.replace(path, b"secret", files.Access(0o640, (os.getuid(), os.getgid())))
    assert changes.index("fchmod") < changes.index("write")
    assert mode(path) == 0o640


def test_a_leftover_that_others_could_read_is_closed_to_them_first(path: Path) -> None:
    leftover = path.with_name(".file.new")
    leftover.touch(mode=0o666)
    files.replace(path, b"secret", files.Access(0o600))
    assert mode(path) == 0o600


def test_a_file_that_is_right_is_not_touched(path: Path, changes: list[str]) -> None:
    access = files.Access(0o640, (os.getuid(), os.getgid()))
    assert files.ensure(path, b"content", access)
    changes.clear()
    assert not files.ensure(path, b"content", access)
    assert changes == []


@pytest.mark.parametrize("earlier", [b"other", b"content and more", b"conten", b""])
def test_another_content_is_replaced(path: Path, earlier: bytes) -> None:
    path.write_bytes(earlier)
    assert files.ensure(path, b"content", files.Access(0o600))
    assert (path.read_bytes(), mode(path)) == (b"content", 0o600)


def test_a_wrong_mode_is_put_right_without_writing_the_content(
    path: Path, changes: list[str]
) -> None:
    path.write_bytes(b"content")
    path.chmod(0o666)
    assert files.ensure(path, b"content", files.Access(0o600))
    assert mode(path) == 0o600
    assert changes == ["fchmod"]


def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"content")
    path.symlink_to(other)
    assert files.ensure(path, b"content", files.Access(0o600))
    assert not path.is_symlink()
    assert other.exists()


def test_a_directory_where_a_file_belongs_is_an_error_with_a_name(path: Path) -> None:
    path.mkdir()
    with pytest.raises(Unavailable, match="file cannot be checked: Is a directory"):
        files.ensure(path, b"content", files.Access(0o600))


def test_a_directory_is_made_and_kept(path: Path, changes: list[str]) -> None:
    assert files.ensure_directory(path, files.Access(0o711))
    assert mode(path) == 0o711
    path.chmod(0o777)
    assert files.ensure_directory(path, files.Access(0o711))
    assert mode(path) == 0o711
    changes.clear()
    assert not files.ensure_directory(path, files.Access(0o711))
    assert changes == []


def test_a_file_where_a_directory_belongs_is_an_error_with_a_name(path: Path) -> None:
    path.touch()
    with pytest.raises(Unavailable, match="file cannot be created: File exists"):
        files.ensure_directory(path, files.Access(0o755))


def test_the_content_of_no_file_is_none(path: Path) -> None:
    assert files.content(path) is None
    path.write_bytes(b"x")
    assert files.content(path) == b"x"


def test_what_is_no_plain_file_has_no_content(path: Path) -> None:
    path.mkdir()
    with pytest.raises(Unavailable, match="is not a file of up to"):
        files.content(path)


def test_a_file_is_removed_for_good_and_none_is_no_error(path: Path, changes: list[str]) -> None:
    path.touch()
    files.remove(path)
    assert not path.exists()
    assert changes[-2:] == ["unlink", "fsync"]
    files.remove(path)


def test_what_cannot_be_removed_is_an_error_with_a_name(path: Path) -> None:
    path.mkdir()
    with pytest.raises(Unavailable, match="file cannot be removed: "):
        files.remove(path)
