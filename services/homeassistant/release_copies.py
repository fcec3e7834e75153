"""Keep what an earlier release of Home Assistant wrote, and give it back to that release.

A release migrates its stores and databases at its first start, and the release before cannot read
them any more: it ends at once. So before the first start of another release its state is copied,
and when the earlier release starts again, its own state takes the place of the later one's.

RELEASE                        the release that starts, written before it does
tmp_backups/smartcore-R.tar    the state of the earlier release R; Home Assistant's backups omit it
.smartcore-restoring-R/        the state of R, complete, on its way back into its place
NO_COPY                        why there is no way back; hems reports it until the file is deleted

A power cut at any point leaves either the state of before, or a complete copy that the next start
puts into its place, whichever release that is. Only the newest copy is kept.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from default_files import replace, sync
from yaml_connections import commented

RELEASE, HOME_ASSISTANT_S = ".smartcore-release", ".HA_VERSION"
NO_COPY = "smartcore-no-way-back.txt"
COPIES, PREFIX, RESTORING = "tmp_backups", "smartcore-", ".smartcore-restoring-"
UNFINISHED = "unfinished"
STORAGE, CONFIGURATION = ".storage", "configuration.yaml"
DATABASES = ("*.db", "*.db-wal")  # of the recorder and of Zigbee; a log holds what a cut left
SPARE = 0.05  # of the disk: below this much room there is no copy


def prepare(volume: Path, release: str) -> Iterator[str]:
    """Get the volume ready for `release`; yield a line for the log of each change.

    Raises OSError; then the next start tries again.
    """
    yield from _finish_restore(volume)
    before = _release(volume)
    if before == release:
        if not Path(volume, RELEASE).exists():
            _note(volume, release)
        return
    is_later = before is not None and _order(release) > _order(before)
    if before is not None and is_later and _read(volume / HOME_ASSISTANT_S) == release:
        # The card was full: the note could not be written, and Home Assistant has run since.
        if not _copy(volume, before).exists():
            yield from _without_copy(volume, f"{release} has run after {before} without a copy")
    elif before is not None:
        copy = _copy(volume, release)
        if is_later or not copy.exists():
            yield from _save(volume, before, release)
        else:
            _stage(volume, copy, release)
            yield from _finish_restore(volume)
    _note(volume, release)


def _release(volume: Path) -> str | None:
    """Return the release that ran last, None for a new volume."""
    return _read(volume / RELEASE) or _read(volume / HOME_ASSISTANT_S)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def _order(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)]


def _note(volume: Path, release: str) -> None:
    replace(volume / RELEASE, f"{release}\n".encode(), 0o644)


def _copy(volume: Path, release: str) -> Path:
    return volume / COPIES / f"{PREFIX}{release}.tar"


def _databases(volume: Path) -> list[Path]:
    return [path for pattern in DATABASES for path in sorted(volume.glob(pattern))]


def _state(volume: Path) -> list[Path]:
    """Return what a release migrates, and the configuration, which yaml_connections.py changes."""
    names = (STORAGE, HOME_ASSISTANT_S, CONFIGURATION)
    others = (volume / name for name in names if Path(volume, name).exists())
    return [*_databases(volume), *others]


def _save(volume: Path, before: str, release: str) -> Iterator[str]:
    """Copy the state of `before`, if there is room, and remove older copies."""
    if _order(release) < _order(before):
        yield from _without_copy(volume, f"{release} gets what {before} wrote, without a copy")
        return
    target = _copy(volume, before)
    target.parent.mkdir(exist_ok=True)
    unfinished = _copy(volume, UNFINISHED)
    unfinished.unlink(missing_ok=True)
    others = [path for path in target.parent.glob(f"{PREFIX}*.tar") if path != target]
    size = _size(volume)
    if not _has_room(volume, size, SPARE):
        for path in others:
            path.unlink()
    if not _has_room(volume, size, SPARE):
        yield from _without_copy(
            volume, f"{release} follows {before} without a copy: the card has no room for it"
        )
        return
    Path(volume, STORAGE).mkdir(exist_ok=True)
    with unfinished.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)  # it has every password
        with tarfile.open(fileobj=file, mode="w") as archive:
            for path in _state(volume):
                archive.add(path, path.name)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
    sync(target.parent)
    for path in others:
        path.unlink(missing_ok=True)
    Path(volume, NO_COPY).unlink(missing_ok=True)
    yield f"kept what Home Assistant {before} wrote in {COPIES}/{target.name}, before {release}"


def _without_copy(volume: Path, why: str) -> Iterator[str]:
    replace(volume / NO_COPY, f"{why}\n".encode(), 0o644)
    yield why


def _size(volume: Path) -> int:
    files = [file for path in _state(volume) for file in (path, *path.rglob("*"))]
    return sum(file.stat().st_size for file in files if file.is_file())


def _has_room(volume: Path, size: int, spare: float) -> bool:
    """Return whether `size` (bytes) fit on the disk, with a share of it to spare."""
    disk = os.statvfs(volume)
    return disk.f_bavail * disk.f_frsize - size > spare * disk.f_blocks * disk.f_frsize


def _stage(volume: Path, copy: Path, release: str) -> None:
    """Unpack a copy beside its place; with the folder's name it counts as complete."""
    unfinished = volume / f"{RESTORING}{UNFINISHED}"
    shutil.rmtree(unfinished, ignore_errors=True)
    if not _has_room(volume, copy.stat().st_size, 0):
        for path in _databases(volume):  # of no use for the earlier release
            path.unlink()
    unfinished.mkdir()
    with tarfile.open(copy) as archive:
        archive.extraction_filter = getattr(tarfile, "tar_filter", None)  # not in Python 3.11.2
        archive.extractall(unfinished)  # noqa: S202 - we have made it
    for path in unfinished.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync(path)
    sync(unfinished)
    unfinished.replace(volume / f"{RESTORING}{release}")
    sync(volume)


def _finish_restore(volume: Path) -> Iterator[str]:
    """Put a complete copy into its place; what an interrupted start has moved is not in it."""
    shutil.rmtree(volume / f"{RESTORING}{UNFINISHED}", ignore_errors=True)
    for staged in volume.glob(f"{RESTORING}*"):
        release = staged.name.removeprefix(RESTORING)
        if Path(staged, STORAGE).exists():  # moved first, so the databases are the later release's
            for path in _databases(volume):
                path.unlink()
            sync(volume)
            shutil.rmtree(volume / STORAGE, ignore_errors=True)
            Path(staged, STORAGE).replace(volume / STORAGE)
        configuration = staged / CONFIGURATION
        if configuration.exists() and not _was_only_commented(volume, configuration):
            configuration.unlink()
        for path in sorted(staged.iterdir()):
            path.replace(volume / path.name)
        sync(volume)
        _note(volume, release)
        _copy(volume, release).unlink(missing_ok=True)
        staged.rmdir()
        yield f"Home Assistant {release} has again what it wrote itself"


def _was_only_commented(volume: Path, original: Path) -> bool:
    """Return whether the file is the original but for what yaml_connections.py changed."""
    present = volume / CONFIGURATION
    return present.exists() and present.read_text() == commented(original.read_text())
