"""Bring the image's defaults into Home Assistant's directory, and leave a user's edits alone.

A volume hides what the image has at the same place, so defaults stand elsewhere in the image and
are compared at each start. MANIFEST, on the volume, holds the digest of each default as it was
last handed out; it is written last, so that whatever is cut short is done again. (Cut short, and
then another image: a file that was replaced counts as edited, which is the safe mistake.)

A file on the volume           and the image has       what happens
is missing, never handed out   any                     written
was deleted by the user        any                     written if Home Assistant needs it
is as handed out               a new one               replaced
is as handed out               none any more           deleted
was edited                     the same as before      left alone
was edited                     a new one               the new one goes beside it as NAME.new
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
# configuration.yaml includes the others; without them Home Assistant only recovers.
NEEDED = frozenset({"configuration.yaml", "automations.yaml", "scripts.yaml", "scenes.yaml"})


class Action(Enum):
    LEAVE = auto()
    WRITE = auto()
    DELETE = auto()
    OFFER = auto()


@dataclass(frozen=True)
class Digests:
    """A file as it is on the volume, as it was last handed out, and as it is in the image."""

    present: str | None
    handed_out: str | None
    default: str | None


def action(file: Digests, *, is_needed: bool) -> Action:
    """Return what the table above says of a file."""
    if file.present is None:
        is_wanted = file.default and (is_needed or file.handed_out is None)
        return Action.WRITE if is_wanted else Action.LEAVE
    if file.present == file.default:
        return Action.LEAVE
    if file.present == file.handed_out:
        return Action.WRITE if file.default else Action.DELETE
    if file.default in {None, file.handed_out}:
        return Action.LEAVE
    return Action.OFFER


def bring(image: Path, volume: Path) -> Iterator[str]:
    """Bring the defaults below `image` to `volume`; yield a line on whatever is worth one.

    A file that cannot be read or written costs a line, and is tried again at the next start.
    Raises OSError when MANIFEST cannot be written: then everything is.
    """
    before = _manifest(volume)
    after = dict(before)
    defaults = {str(path.relative_to(image)): path.read_bytes() for path in _files(image)}
    digests = {name: digest(data) for name, data in defaults.items()}
    for name in sorted(digests.keys() | before.keys()):
        try:
            file = Digests(_present(volume / name), before.get(name), digests.get(name))
            what = action(file, is_needed=name in NEEDED)
            _do(what, volume / name, defaults.get(name, b""))
        except OSError as error:
            yield f"{name} cannot be brought up to date: {error.strerror}"
            continue
        if what is Action.OFFER:
            yield f"{name} was edited and stays; this version's is beside it as {name}.new"
        after.pop(name, None)
        if name in digests:
            after[name] = digests[name]
    if after != before:
        replace(volume / MANIFEST, json.dumps(after, indent=1).encode(), 0o644)


def _do(what: Action, path: Path, default: bytes) -> None:
    if what is Action.WRITE:
        replace(path, default, 0o644)
    elif what is Action.OFFER:
        replace(path.with_name(f"{path.name}.new"), default, 0o644)
    elif what is Action.DELETE:
        path.unlink()


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.is_file())


def _present(path: Path) -> str | None:
    return digest(path.read_bytes()) if path.exists() else None


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _manifest(volume: Path) -> Mapping[str, str]:
    """Return what was handed out; nothing if that is unknown, and then no file is replaced."""
    try:
        found = json.loads(Path(volume, MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def replace(path: Path, data: bytes, mode: int) -> None:
    """Make `data` the content of `path`, at once and on disk; raise OSError if that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
