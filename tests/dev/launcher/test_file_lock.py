from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher import file_lock
from hems.errors import Unavailable


def test_a_file_has_one_holder_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for _ in range(2):
        with path.open("a") as first, path.open("a") as second:
            assert file_lock.try_lock(first)
            assert not file_lock.try_lock(second)


def test_waiting_ends_when_the_holder_closes_the_file(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    path = tmp_path / "lock"
    first = path.open("a")
    file_lock.try_lock(first)
    sleep = mocker.patch("dev.launcher.file_lock.time.sleep", side_effect=lambda _s: first.close())
    with path.open("a") as second:
        file_lock.lock(second, 10.0)
    sleep.assert_called_once_with(file_lock.POLL_S)


def test_waiting_gives_up_and_names_the_file(tmp_path: Path, mocker: MockerFixture) -> None:
    path = tmp_path / "lock"
    mocker.patch("dev.launcher.file_lock.time.sleep")
    mocker.patch("dev.launcher.file_lock.time.monotonic", side_effect=[0.0, 10.0, 10.1])
    with path.open("a") as first, path.open("a") as second:
        file_lock.try_lock(first)
        with pytest.raises(Unavailable, match=f"held {path} for 10 s"):
            file_lock.lock(second, 10.0)


def test_a_shared_lock_has_any_number_of_holders_and_excludes_others(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("a") as first, path.open("a") as second, path.open("a") as third:
        assert file_lock.try_lock(first, is_shared=True)
        assert file_lock.try_lock(second, is_shared=True)
        assert not file_lock.try_lock(third)
        first.close()
        second.close()
        assert file_lock.try_lock(third)
        with path.open("a") as fourth:
            assert not file_lock.try_lock(fourth, is_shared=True)
