"""Cache folders: made once, used by many or by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.build_cache import held
from hems.errors import Unavailable

NAME = "folder"


@pytest.fixture(autouse=True)
def cache(mocker: MockerFixture, tmp_path: Path) -> Path:
    mocker.patch.dict("os.environ", {"XDG_CACHE_HOME": str(tmp_path)})
    return tmp_path / NAME


def make(folder: Path) -> None:
    (folder / "made").touch()


def unmade(_folder: Path) -> None:
    raise AssertionError("it is there already")


def test_a_folder_is_made_once_and_replaces_those_of_other_keys(cache: Path) -> None:
    for key in ("first", "second"):
        with held(NAME, key, make) as folder:
            assert (folder / "made").exists()
        with held(NAME, key, unmade) as again:
            assert again == folder
    assert [path.name for path in cache.iterdir() if path.is_dir()] == ["second"]


def test_what_is_only_used_has_several_users() -> None:
    with held(NAME, "key", make) as one, held(NAME, "key", unmade, wait_s=0) as other:
        assert one == other


@pytest.mark.parametrize("first_shares", [True, False])
def test_who_changes_a_folder_is_alone_with_it(first_shares: bool) -> None:
    other = held(NAME, "key", unmade, wait_s=0, is_shared=not first_shares)
    with (
        held(NAME, "key", make, is_shared=first_shares),
        pytest.raises(Unavailable, match="another process"),
        other,
    ):
        pass


def test_a_folder_that_could_not_be_made_is_made_again_then_not_used(cache: Path) -> None:
    tries: list[Path] = []

    def fail(folder: Path) -> None:
        tries.append(folder)
        (folder / "half").touch()
        raise Unavailable("the mirror is away")

    with pytest.raises(Unavailable, match="the mirror"), held(NAME, "key", fail):
        pass
    assert len(tries) == 2
    assert not (cache / "key").exists()
