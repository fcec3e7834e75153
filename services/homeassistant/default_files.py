"""Copy the image's default files into Home Assistant's folder without touching a user's edits.

A volume hides the files that an image has at the same path, so the image keeps its defaults
elsewhere, and each start compares them with the volume. MANIFEST, on the volume, has the digest of
each default when it was last installed. It is written last, so an interrupted start is repeated.
(If the next start has another image, a file that the interrupted start replaced counts as edited,
which is the safe mistake.)

File on the volume             Default in the image    Result
missing, never installed       any                     written
deleted by the user            any                     written if Home Assistant needs the file
as installed                   new                     replaced
as installed                   removed                 deleted
edited                         as before               kept
edited                         new                     kept; the new default goes to NAME.new,
                                                       but not for Home Assistant's .storage
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

MANIFEST = ".smartcore-defaults.json"
STORAGE = ".storage/"
# configuration.yaml includes the next three; without them Home Assistant starts in recovery mode
# only. Without http it does not trust nginx.
NEEDED = frozenset(
    {"configuration.yaml", "automations.yaml", "scripts.yaml", "scenes.yaml", ".storage/http"}
)


class Action(Enum):
    KEEP = auto()
    WRITE = auto()
    DELETE = auto()
    WRITE_BESIDE = auto()


@dataclass(frozen=True)
class Digests:
    """A file on the volume, when last installed, and in the image; None where there is none."""

    present: str | None
    installed: str | None
    default: str | None


def action(file: Digests, *, is_needed: bool) -> Action:
    """Return the result that the table above has for a file."""
    if file.present is None:
        is_missing = file.default and (is_needed or file.installed is None)
        return Action.WRITE if is_missing else Action.KEEP
    if file.present == file.default:
        return Action.KEEP
    if file.present == file.installed:
        return Action.WRITE if file.default else Action.DELETE
    if file.default in {None, file.installed}:
        return Action.KEEP
    return Action.WRITE_BESIDE


def install(image: Path, volume: Path) -> Iterator[str]:
    """Install the defaults below `image` on `volume`; yield a line for the log if there is one.

    A file that cannot be read or written costs a line; the next start tries again.
    Raises OSError if MANIFEST cannot be written: then the next start tries every file again.
    """
    before = _manifest(volume)
    after = dict(before)
    defaults = {str(path.relative_to(image)): path.read_bytes() for path in _files(image)}
    digests = {name: digest(data) for name, data in defaults.items()}
    for name in sorted(digests.keys() | before.keys()):
        try:
            file = Digests(_present(volume / name), before.get(name), digests.get(name))
            chosen = action(file, is_needed=name in NEEDED)
            if chosen is Action.WRITE_BESIDE and name.startswith(STORAGE):
                chosen = Action.KEEP
            _apply(chosen, volume / name, defaults.get(name, b""))
        except OSError as error:
            yield f"{name} cannot be updated: {error.strerror}"
            continue
        if chosen is Action.WRITE_BESIDE:
            yield f"{name} has your edits and stays; the new default is in {name}.new"
        after.pop(name, None)
        if name in digests:
            after[name] = digests[name]
    if after != before:
        replace(volume / MANIFEST, json.dumps(after, indent=1).encode(), 0o644)


def _apply(chosen: Action, path: Path, default: bytes) -> None:
    if chosen is Action.WRITE:
        replace(path, default, 0o644)
    elif chosen is Action.WRITE_BESIDE:
        replace(path.with_name(f"{path.name}.new"), default, 0o644)
    elif chosen is Action.DELETE:
        path.unlink()
        sync(path.parent)


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file())


def _present(path: Path) -> str | None:
    return digest(path.read_bytes()) if path.exists() else None


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _manifest(volume: Path) -> Mapping[str, str]:
    """Return the digest of each installed file, empty if unknown: then no file is replaced."""
    try:
        document = json.loads(Path(volume, MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: value for name, value in document.items() if isinstance(value, str)}


def replace(path: Path, data: bytes, mode: int) -> None:
    """Replace the content of `path` atomically and write it to disk. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync(path.parent)


def sync(directory: Path) -> None:
    """Make the names in `directory` durable: fsync(2), on a file alone, does not."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
