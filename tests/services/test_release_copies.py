"""An upgrade of Home Assistant and the way back, whenever the power is cut."""

from __future__ import annotations

import errno
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_mock import MockerFixture
from release_copies import COPIES, NO_COPY, RELEASE, prepare
from yaml_connections import commented

OLD, NEW, NEWER = "2025.3.4", "2026.10.4", "2026.11.0"
STATVFS = os.statvfs
EDITED = "# mine\nhttp:\n  use_x_forwarded_for: true\n"
CHANGES = {
    os: ("fsync",),
    Path: ("replace", "unlink", "mkdir", "rmdir"),
    shutil: ("rmtree",),
}


class PowerCutError(BaseException):
    """No code catches it."""


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """Return a volume that 2025.3.4 has written, before there was start.py's own mark."""
    folder = tmp_path / "volume"
    folder.mkdir()
    run(folder, OLD)
    return folder


def run(volume: Path, release: str) -> None:
    """Let a release of Home Assistant run: write all that it migrates."""
    (volume / ".HA_VERSION").write_text(release)
    (volume / ".storage").mkdir(exist_ok=True)
    (volume / ".storage/auth").write_text(f"users of {release}")
    (volume / f".storage/only.{release}").write_text("{}")
    for name in ("home-assistant_v2.db", "home-assistant_v2.db-wal", "zigbee.db"):
        (volume / name).write_text(f"rows of {release}")


def state(volume: Path) -> dict[str, str]:
    """Return what Home Assistant sees of the volume."""
    return {
        str(path.relative_to(volume)): path.read_text()
        for path in sorted(volume.rglob("*"))
        if path.is_file() and COPIES not in path.parts and RELEASE not in path.name
    }


def start(volume: Path, release: str) -> list[str]:
    """Start a container with `release`; return what it has logged."""
    lines = list(prepare(volume, release))
    run(volume, release)
    return lines


def copies(volume: Path) -> list[str]:
    return sorted(path.name for path in (volume / COPIES).glob("*"))


def test_the_way_there_and_back(volume: Path) -> None:
    before = state(volume)
    for _ in range(2):
        [line] = start(volume, NEW)
        assert line.startswith("kept what Home Assistant 2025.3.4 wrote")
        assert start(volume, NEW) == []
        assert state(volume)["home-assistant_v2.db"] == "rows of 2026.10.4"
        assert copies(volume) == ["smartcore-2025.3.4.tar"]
        assert Path(volume, COPIES, copies(volume)[0]).stat().st_mode & 0o777 == 0o600
        lines = list(prepare(volume, OLD))
        assert lines == ["Home Assistant 2025.3.4 has again what it wrote itself"]
        assert state(volume) == before
        assert copies(volume) == []
        assert list(prepare(volume, OLD)) == []


def test_a_new_volume_needs_no_copy(tmp_path: Path) -> None:
    assert start(tmp_path, NEW) == []
    assert copies(tmp_path) == []
    assert list(prepare(tmp_path, NEW)) == []


def test_only_the_newest_copy_is_kept(volume: Path) -> None:
    start(volume, NEW)
    start(volume, NEWER)
    assert copies(volume) == ["smartcore-2026.10.4.tar"]
    list(prepare(volume, NEW))
    assert state(volume)["home-assistant_v2.db"] == "rows of 2026.10.4"


def test_an_earlier_release_without_a_copy_is_told(volume: Path) -> None:
    start(volume, NEW)
    start(volume, NEWER)
    before = state(volume)
    [line] = prepare(volume, OLD)
    assert line == "2025.3.4 gets what 2026.11.0 wrote, without a copy"
    assert state(volume) == before | {NO_COPY: f"{line}\n"}
    [line] = prepare(volume, NEW)  # the copy of it has stayed
    assert line.startswith("kept what Home Assistant 2025.3.4 wrote")
    assert NO_COPY not in state(volume)


def room(mocker: MockerFixture, *blocks: int) -> None:
    """Let the disk have so many blocks of 1 byte free, at each look; of 1000."""
    free = iter(blocks)

    def statvfs(path: Path) -> os.statvfs_result:
        numbers = list(STATVFS(path))
        numbers[1], numbers[2], numbers[4] = 1, 1000, next(free)  # f_frsize, f_blocks, f_bavail
        return os.statvfs_result(numbers)

    mocker.patch.object(os, "statvfs", statvfs)


def test_without_room_there_is_no_copy_and_it_is_told(volume: Path, mocker: MockerFixture) -> None:
    size = sum(len(text) for text in state(volume).values())
    room(mocker, size + 50, size + 50)  # 5 % are spare
    [line] = prepare(volume, NEW)
    assert line == "2026.10.4 follows 2025.3.4 without a copy: the card has no room for it"
    assert Path(volume, NO_COPY).read_text() == f"{line}\n"
    assert copies(volume) == []
    Path(volume, RELEASE).unlink()
    room(mocker, size + 51, size + 51)
    assert len(list(prepare(volume, NEW))) == 1
    assert copies(volume) == ["smartcore-2025.3.4.tar"]
    assert not Path(volume, NO_COPY).exists()


def test_an_older_copy_makes_room(volume: Path, mocker: MockerFixture) -> None:
    start(volume, NEW)
    room(mocker, 0, 10_000)
    list(prepare(volume, NEWER))
    assert copies(volume) == ["smartcore-2026.10.4.tar"]


def test_the_later_databases_make_room_for_the_way_back(
    volume: Path, mocker: MockerFixture
) -> None:
    before = state(volume)
    start(volume, NEW)
    room(mocker, 0)
    list(prepare(volume, OLD))
    assert state(volume) == before


@pytest.mark.parametrize("has_copy", [False, True])
def test_what_a_later_release_wrote_never_becomes_the_copy_of_an_earlier_one(
    volume: Path, mocker: MockerFixture, has_copy: bool
) -> None:
    """The card is so full that not even a note can be written, and Home Assistant starts."""
    start(volume, OLD)
    full = OSError(errno.ENOSPC, "No space left on device")
    if has_copy:
        mocker.patch("release_copies._note", side_effect=full)
    else:
        room(mocker, 0, 0)
        mocker.patch("release_copies.replace", side_effect=full)
    with pytest.raises(OSError, match="No space"):
        list(prepare(volume, NEW))
    run(volume, NEW)
    mocker.stopall()
    lines = start(volume, NEW)
    assert lines == ([] if has_copy else ["2026.10.4 has run after 2025.3.4 without a copy"])
    assert (volume / NO_COPY).exists() == (not has_copy)
    assert copies(volume) == (["smartcore-2025.3.4.tar"] if has_copy else [])
    assert start(volume, NEW) == []
    list(prepare(volume, OLD))
    database = state(volume)["home-assistant_v2.db"]
    assert database == f"rows of {OLD if has_copy else NEW}"


@pytest.mark.parametrize("is_edited_since", [False, True])
def test_an_edited_configuration_comes_back_unless_it_was_edited_again(
    volume: Path, *, is_edited_since: bool
) -> None:
    path = volume / "configuration.yaml"
    path.write_text(EDITED)
    start(volume, NEW)
    path.write_text(commented(EDITED) + "sun:\n" * is_edited_since)
    list(prepare(volume, OLD))
    assert path.read_text() == (path.read_text() if is_edited_since else EDITED)
    assert ("sun:" in path.read_text()) == is_edited_since


@contextmanager
def power(changes: int) -> Iterator[None]:
    """Cut the power after so many changes of the disk."""
    left = changes

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def change(*arguments: object, **options: object) -> object:
            nonlocal left
            if left == 0:
                raise PowerCutError
            left -= 1
            return real(*arguments, **options)

        return change

    with ExitStack() as patches:
        for owner, names in CHANGES.items():
            for name in names:
                change = counted(getattr(owner, name))
                patches.enter_context(patch.object(owner, name, change))
        yield


def cut_everywhere(volume: Path, release: str) -> Iterator[Path]:
    """Yield a volume for each moment at which the power may be cut while `release` starts."""
    for step in range(200):
        copy = volume.with_name(f"cut-{release}-{step}")
        shutil.copytree(volume, copy)
        try:
            with power(step):
                list(prepare(copy, release))
        except PowerCutError:
            yield copy
        else:
            assert step > 8
            return
    raise AssertionError("it never ends")


def test_a_cut_on_the_way_there_costs_nothing(volume: Path) -> None:
    before = state(volume)
    for cut in cut_everywhere(volume, NEW):
        again = cut.with_name(f"{cut.name}-back")
        shutil.copytree(cut, again)
        start(cut, NEW)
        assert copies(cut) == ["smartcore-2025.3.4.tar"], cut
        list(prepare(cut, OLD))
        assert state(cut) == before, cut
        list(prepare(again, OLD))  # the earlier release starts instead
        assert state(again) == before, cut
        shutil.rmtree(cut)
        shutil.rmtree(again)


def test_a_cut_on_the_way_back_costs_nothing(volume: Path) -> None:
    before = state(volume)
    start(volume, NEW)
    for cut in cut_everywhere(volume, OLD):
        again = cut.with_name(f"{cut.name}-forward")
        shutil.copytree(cut, again)
        list(prepare(cut, OLD))
        assert state(cut) == before, cut
        start(again, NEW)  # the later release starts instead, on what is there by then
        list(prepare(again, OLD))
        assert state(again) == before, cut
        shutil.rmtree(cut)
        shutil.rmtree(again)


def test_a_disk_that_is_full_in_between_leaves_the_state_of_before(
    volume: Path, mocker: MockerFixture
) -> None:
    before = state(volume)
    mocker.patch.object(tarfile, "open", side_effect=OSError(28, "No space left"))
    with pytest.raises(OSError, match="No space"):
        list(prepare(volume, NEW))
    assert state(volume) == before
