"""Files and folders below one directory: none is changed outside, and none is left half written."""

from __future__ import annotations

import io
import os
import shutil
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

NEW_FILE = 0o644


class Files:
    """Changes below `root`. Each raises OSError; PermissionError for a place outside."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._one_at_a_time = threading.Lock()

    def write(self, name: Path, source: BinaryIO) -> None:
        """Make what is left of `source` the content of a file, which keeps its owner and mode.

        Until all of it is on disk the old content stays, as on a disk that is full.
        """
        path = Path(self._root, name).resolve()
        self._inside(path.parent)
        draft = path.with_name(f".{path.name}.new")
        with self._one_at_a_time:
            try:
                _write(draft, source, path)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)

    def make_file(self, name: Path) -> None:
        """Make an empty file where there is none."""
        self._entry(name).open("xb").close()

    def make_folder(self, name: Path) -> None:
        """Make a folder, and those above it that are missing."""
        self._inside(Path(self._root, name).resolve()).mkdir(parents=True)

    def rename(self, name: Path, new: Path) -> None:
        """Move a file, a link or a folder; a file of the name `new` is replaced."""
        self._entry(name).rename(self._entry(new))

    def delete(self, name: Path) -> None:
        """Delete a file, a link or an empty folder."""
        entry = self._entry(name)
        if entry.is_dir() and not entry.is_symlink():
            entry.rmdir()
        else:
            entry.unlink()

    def _entry(self, name: Path) -> Path:
        """Return the place itself: a link there is not followed, those above it are."""
        path = Path(self._root, name)
        if path.name == "..":
            raise PermissionError("Access denied.")
        return self._inside(path.parent.resolve()) / path.name

    def _inside(self, path: Path) -> Path:
        if not path.is_relative_to(self._root):
            raise PermissionError("Access denied.")
        return path


def _write(draft: Path, source: BinaryIO, model: Path) -> None:
    """Write `source` to `draft`, on disk before this returns, with the access of `model`."""
    draft.unlink(missing_ok=True)  # left by a power cut
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        mode = NEW_FILE
        if model.exists():
            found = model.stat()
            mode = stat.S_IMODE(found.st_mode)
            if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), found.st_uid, found.st_gid)
        os.fchmod(file.fileno(), mode)
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def apply(files: Files, change: str, form: Mapping[str, str]) -> Path:
    """Do what a form of the page asks for and return which path it was about.

    Raises OSError, and KeyError for what the form lacks.
    """
    if change == "save":
        path = Path(form["filename"])
        files.write(path, io.BytesIO(form["text"].encode()))
    elif change == "rename":
        path = Path(form["src"]).parent / form["dstfilename"]
        files.rename(Path(form["src"]), path)
    elif change == "delete":
        path = Path(form["path"])
        files.delete(path)
    else:
        path = Path(form["path"], form["name"])
        make = files.make_folder if change == "newfolder" else files.make_file
        make(path)
    return path
