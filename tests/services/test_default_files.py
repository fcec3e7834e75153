"""Home Assistant's defaults: the action for each file, and interruptions at any point."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import default_files
import pytest
from default_files import MANIFEST, Action, Digests, action, install
from pytest_mock import MockerFixture

OLD = {"configuration.yaml": "v1", "packages/backup.yaml": "v1", "scripts.yaml": "{}"}
NEW = {"configuration.yaml": "v2", "packages/energy.yaml": "v2", "scripts.yaml": "{}"}


def image(root: Path, files: Mapping[str, str]) -> Path:
    directory = root / f"image {len(list(root.iterdir()))}"
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    directory = tmp_path / "volume"
    directory.mkdir()
    return directory


def contents(volume: Path) -> dict[str, str]:
    return {
        str(path.relative_to(volume)): path.read_text()
        for path in volume.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def start(root: Path, volume: Path, files: Mapping[str, str]) -> list[str]:
    return list(install(image(root, files), volume))


@pytest.mark.parametrize(
    ("present", "installed", "default", "expected"),
    [
        (None, None, None, Action.KEEP),
        (None, None, "b", Action.WRITE),
        (None, "a", None, Action.KEEP),
        (None, "a", "a", Action.KEEP),  # deleted by the user
        (None, "a", "b", Action.KEEP),
        ("a", None, None, Action.KEEP),  # the user's own
        ("a", None, "a", Action.KEEP),
        ("a", None, "b", Action.WRITE_BESIDE),  # a volume of an older gateway
        ("a", "a", None, Action.DELETE),
        ("a", "a", "a", Action.KEEP),
        ("a", "a", "b", Action.WRITE),
        ("x", "a", None, Action.KEEP),  # edited, and gone from the image
        ("x", "a", "a", Action.KEEP),
        ("x", "a", "b", Action.WRITE_BESIDE),
        ("b", "a", "b", Action.KEEP),  # the user took the new one over
    ],
)
def test_the_action_for_a_file(
    present: str | None, installed: str | None, default: str | None, expected: Action
) -> None:
    assert action(Digests(present, installed, default), is_needed=False) is expected


def test_a_file_that_home_assistant_needs_comes_back() -> None:
    assert action(Digests(None, "a", "a"), is_needed=True) is Action.WRITE
    assert action(Digests(None, "a", None), is_needed=True) is Action.KEEP


def test_an_empty_volume_gets_everything(tmp_path: Path, volume: Path) -> None:
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == OLD


def test_unedited_files_follow_the_image(tmp_path: Path, volume: Path) -> None:
    start(tmp_path, volume, OLD)
    assert start(tmp_path, volume, NEW) == []
    assert contents(volume) == NEW


def test_the_second_start_writes_nothing(
    tmp_path: Path, volume: Path, mocker: MockerFixture
) -> None:
    start(tmp_path, volume, OLD)
    mocker.patch.object(default_files, "replace", side_effect=AssertionError("it wrote"))
    assert start(tmp_path, volume, OLD) == []


def test_an_edit_is_kept_and_the_new_default_is_written_beside_it_once(
    tmp_path: Path, volume: Path
) -> None:
    start(tmp_path, volume, OLD)
    Path(volume, "configuration.yaml").write_text("mine")
    (line,) = start(tmp_path, volume, NEW)
    assert "configuration.yaml.new" in line
    assert contents(volume) == NEW | {
        "configuration.yaml": "mine",
        "configuration.yaml.new": "v2",
    }
    assert start(tmp_path, volume, NEW) == []


def test_an_edit_is_kept_quietly_while_the_image_stays(tmp_path: Path, volume: Path) -> None:
    start(tmp_path, volume, OLD)
    Path(volume, "configuration.yaml").write_text("mine")
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == OLD | {"configuration.yaml": "mine"}


def test_files_of_an_older_gateway_are_kept(tmp_path: Path, volume: Path) -> None:
    Path(volume, "configuration.yaml").write_text("long ago")
    Path(volume, "scripts.yaml").write_text("{}")
    assert len(start(tmp_path, volume, OLD)) == 1
    assert contents(volume) == OLD | {
        "configuration.yaml": "long ago",
        "configuration.yaml.new": "v1",
    }


def test_a_deleted_file_stays_away_and_a_needed_one_comes_back(
    tmp_path: Path, volume: Path
) -> None:
    start(tmp_path, volume, OLD)
    Path(volume, "packages/backup.yaml").unlink()
    Path(volume, "scripts.yaml").unlink()
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == {"configuration.yaml": "v1", "scripts.yaml": "{}"}


def test_an_edited_file_outlives_its_default(tmp_path: Path, volume: Path) -> None:
    start(tmp_path, volume, OLD)
    Path(volume, "packages/backup.yaml").write_text("mine")
    start(tmp_path, volume, NEW)
    assert contents(volume)["packages/backup.yaml"] == "mine"
    assert "packages/backup.yaml" not in json.loads(Path(volume, MANIFEST).read_text())


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"configuration.yaml": 1}', "\udcff"])
def test_without_a_manifest_nothing_is_overwritten(tmp_path: Path, volume: Path, torn: str) -> None:
    start(tmp_path, volume, OLD)
    Path(volume, MANIFEST).write_text(torn, errors="surrogateescape")
    start(tmp_path, volume, {"configuration.yaml": "v2"})
    assert contents(volume) == OLD | {"configuration.yaml.new": "v2"}


def test_a_file_that_cannot_be_read_costs_a_line_and_only_itself(
    tmp_path: Path, volume: Path
) -> None:
    Path(volume, "configuration.yaml").mkdir()
    (line,) = start(tmp_path, volume, OLD)
    assert line == "configuration.yaml cannot be updated: Is a directory"
    assert contents(volume) == {name: OLD[name] for name in OLD if name != "configuration.yaml"}
    Path(volume, "configuration.yaml").rmdir()
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == OLD


class Killed(BaseException):
    """Like SIGKILL: no code catches it."""


def dying(after: Iterator[int], really: Callable[..., object]) -> Callable[..., object]:
    def step(*args: object, **kwargs: object) -> object:
        if next(after) == 0:
            raise Killed
        return really(*args, **kwargs)

    return step


def killed_at(step: int, mocker: MockerFixture, run: Callable[[], object]) -> bool:
    """Run up to the `step`-th change on disk, which fails; return whether it got there."""
    countdown = iter(range(step, -1, -1))
    changes = ((os, "fsync"), (Path, "replace"), (Path, "unlink"))
    patches = [
        mocker.patch.object(owner, name, dying(countdown, getattr(owner, name)))
        for owner, name in changes
    ]
    was_killed = True
    with suppress(Killed):
        run()
        was_killed = False
    for patch in patches:
        mocker.stop(patch)
    return was_killed


def test_a_start_may_be_killed_at_any_point(tmp_path: Path, mocker: MockerFixture) -> None:
    edited = {"configuration.yaml": "mine"}
    was_killed, step = True, 0
    while was_killed:
        volume = tmp_path / f"volume {step}"
        volume.mkdir()
        start(tmp_path, volume, OLD)
        Path(volume, "configuration.yaml").write_text("mine")
        new = image(tmp_path, NEW)
        was_killed = killed_at(step, mocker, lambda: list(install(new, volume)))  # noqa: B023
        assert contents(volume)["configuration.yaml"] == "mine"
        list(install(new, volume))
        assert contents(volume) == NEW | edited | {"configuration.yaml.new": "v2"}
        step += 1
    assert step > 8
