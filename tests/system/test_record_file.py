import stat
from pathlib import Path

import msgspec
import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.system import files
from hems.system.files import Access
from hems.system.record_file import RecordFile


class Reboots(msgspec.Struct, frozen=True):
    count: int = 0
    reason: str = ""


MISSING = Reboots(reason="there is no file")
UNREADABLE = Reboots(99, "the file cannot be read")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reboots.json"


def test_without_a_file_the_record_is_the_missing_one(path: Path, lines: list[str]) -> None:
    assert RecordFile(path, MISSING, unreadable=UNREADABLE).record == MISSING
    assert not path.exists()
    assert lines == []


def test_each_saved_record_is_the_newest_and_outlives_the_process(path: Path) -> None:
    file = RecordFile(path, MISSING)
    for count in (1, 2):
        file.save(Reboots(count, "no internet"))
        assert file.record == Reboots(count, "no internet")
        assert RecordFile(path, MISSING).record == Reboots(count, "no internet")


def test_an_update_changes_the_fields_it_names(path: Path) -> None:
    file = RecordFile(path, Reboots(1, "no internet"))
    file.update(count=2)
    assert file.record == Reboots(2, "no internet")
    file.update(reason="hang")
    assert file.record == Reboots(2, "hang")
    assert RecordFile(path, MISSING).record == Reboots(2, "hang")


def test_the_file_is_private(path: Path) -> None:
    RecordFile(path, MISSING).save(Reboots(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_has_the_access_asked_for(path: Path) -> None:
    RecordFile(path, MISSING, Access(0o644)).save(Reboots(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_record_that_is_on_disk_is_not_written_again(path: Path, mocker: MockerFixture) -> None:
    file = RecordFile(path, MISSING)
    replace = mocker.spy(files, "replace")
    for count in (1, 2):
        file.save(Reboots(count))
        file.save(Reboots(count))
        assert replace.call_count == count


def test_a_record_that_is_not_on_disk_is_the_newest_all_the_same(
    path: Path, mocker: MockerFixture
) -> None:
    file = RecordFile(path, MISSING)
    file.save(Reboots(1))
    for count in (2, 3):
        full = mocker.patch.object(files, "replace", side_effect=Unavailable("disk full"))
        with pytest.raises(Unavailable, match="disk full"):
            file.save(Reboots(count))
        assert file.record == Reboots(count)
        assert RecordFile(path, MISSING).record == Reboots(count - 1)
        mocker.stop(full)
        file.save(file.record)
        assert RecordFile(path, MISSING).record == Reboots(count)


BROKEN = {
    "empty": b"",
    "cut off": b'{"count": 1',
    "not JSON": b"reboots",
    "not UTF-8": b'{"reason": "\xff"}',
    "another type": b'{"count": "one"}',
    "nested too deep": b'{"x":' + b"[" * 100_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_logged_and_replaced_at_the_next_save(
    path: Path, lines: list[str], data: bytes
) -> None:
    path.write_bytes(data)
    file = RecordFile(path, MISSING, unreadable=UNREADABLE)
    assert file.record == UNREADABLE
    (line,) = lines
    assert line.startswith(f"WARNING {path}: ")
    assert str(UNREADABLE) in line
    file.save(Reboots(1))
    assert RecordFile(path, MISSING).record == Reboots(1)
    assert len(lines) == 1


def test_a_broken_file_counts_as_missing_unless_stated_otherwise(path: Path) -> None:
    path.write_bytes(b"{")
    assert RecordFile(path, MISSING).record == MISSING


def test_a_file_that_cannot_be_opened_is_unreadable(path: Path, lines: list[str]) -> None:
    path.mkdir()
    assert RecordFile(path, MISSING, unreadable=UNREADABLE).record == UNREADABLE
    assert len(lines) == 1


def test_fields_of_a_newer_version_are_ignored(path: Path) -> None:
    path.write_bytes(b'{"count": 3, "new": true}')
    assert RecordFile(path, MISSING).record == Reboots(3)
