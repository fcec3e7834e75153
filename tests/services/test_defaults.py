"""Home Assistant's defaults: what is done with each file, and that it may be cut short anywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import defaults
import pytest
from defaults import MANIFEST, Action, Digests, action, bring

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
    return list(bring(image(root, files), volume))


@pytest.mark.parametrize(
    ("present", "handed_out", "default", "expected"),
    [
        (None, None, None, Action.LEAVE),
        (None, None, "b", Action.WRITE),
        (None, "a", None, Action.LEAVE),
        (None, "a", "a", Action.LEAVE),  # deleted by the user
        (None, "a", "b", Action.LEAVE),
        ("a", None, None, Action.LEAVE),  # the user's own
        ("a", None, "a", Action.LEAVE),
        ("a", None, "b", Action.OFFER),  # a volume of an older gateway
        ("a", "a", None, Action.DELETE),
        ("a", "a", "a", Action.LEAVE),
        ("a", "a", "b", Action.WRITE),
        ("x", "a", None, Action.LEAVE),  # edited, and gone from the image
        ("x", "a", "a", Action.LEAVE),
        ("x", "a", "b", Action.OFFER),
        ("b", "a", "b", Action.LEAVE),  # the user took the new one over
    ],
)
def test_what_is_done_with_a_file(
    present: str | None, handed_out: str | None, default: str | None, expected: Action
) -> None:
    assert action(Digests(present, handed_out, default), is_needed=False) is expected


def test_a_file_that_home_assistant_needs_comes_back() -> None:
    assert action(Digests(None, "a", "a"), is_needed=True) is Action.WRITE
    assert action(Digests(None, "a", None), is_needed=True) is Action.LEAVE


def test_an_empty_volume_gets_everything(tmp_path: Path, volume: Path) -> None:
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == OLD


def test_unedited_files_follow_the_image(tmp_path: Path, volume: Path) -> None:
    start(tmp_path, volume, OLD)
    assert start(tmp_path, volume, NEW) == []
    assert contents(volume) == NEW


def test_the_second_start_writes_nothing(
    tmp_path: Path, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path, volume, OLD)
    monkeypatch.setattr(defaults, "replace", lambda *_: pytest.fail("it wrote"))
    assert start(tmp_path, volume, OLD) == []


def test_an_edit_is_kept_and_the_new_version_is_beside_it_once(
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


def test_what_an_older_gateway_left_is_kept(tmp_path: Path, volume: Path) -> None:
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
    assert line == "configuration.yaml cannot be brought up to date: Is a directory"
    assert contents(volume) == {name: OLD[name] for name in OLD if name != "configuration.yaml"}
    Path(volume, "configuration.yaml").rmdir()
    assert start(tmp_path, volume, OLD) == []
    assert contents(volume) == OLD


class Killed(BaseException):
    """What SIGKILL is to a process: nobody catches it."""


def dying(after: Iterator[int], really: Callable[..., object]) -> Callable[..., object]:
    def step(*args: object, **kwargs: object) -> object:
        if next(after) == 0:
            raise Killed
        return really(*args, **kwargs)

    return step


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch, run: Callable[[], object]) -> bool:
    """Run up to the `step`-th change on disk, which does not happen; tell if it came so far."""
    countdown = iter(range(step, -1, -1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", dying(countdown, os.fsync))
        patch.setattr(Path, "replace", dying(countdown, Path.replace))
        patch.setattr(Path, "unlink", dying(countdown, Path.unlink))
        with suppress(Killed):
            run()
            return False
    return True


def test_a_start_may_be_killed_at_any_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = {"configuration.yaml": "mine"}
    was_killed, step = True, 0
    while was_killed:
        volume = tmp_path / f"volume {step}"
        volume.mkdir()
        start(tmp_path, volume, OLD)
        Path(volume, "configuration.yaml").write_text("mine")
        new = image(tmp_path, NEW)
        was_killed = killed_at(step, monkeypatch, lambda: list(bring(new, volume)))  # noqa: B023
        assert contents(volume)["configuration.yaml"] == "mine"
        list(bring(new, volume))
        assert contents(volume) == NEW | edited | {"configuration.yaml.new": "v2"}
        step += 1
    assert step > 8
