"""Change files and folders below one folder, never outside it, and replace each file as a whole."""

from __future__ import annotations

import io
import os
import shutil
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

NEW_FILE_MODE = 0o644


class EditableFolder:
    """Change what is below `root`. Methods raise OSError, PermissionError for a path outside."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._lock = threading.Lock()

    def write(self, name: Path, source: BinaryIO) -> None:
        """Replace the content of a file with the rest of `source`; keep its owner and mode.

        The old content stays until the new one is on disk, so a full disk destroys nothing.
        """
        path = Path(self._root, name).resolve()
        self._inside(path.parent)
        draft = path.with_name(f".{path.name}.new")
        with self._lock:
            try:
                _write(draft, source, path)
                draft.replace(path)
                _sync(path.parent)
            finally:
                draft.unlink(missing_ok=True)

    def make_file(self, name: Path) -> None:
        """Make an empty file; refuse to replace one."""
        entry = self._entry(name)
        entry.open("xb").close()
        _sync(entry.parent)

    def make_folder(self, name: Path) -> None:
        """Make a folder and its missing parents."""
        path = self._inside(Path(self._root, name).resolve())
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True)
        for folder in missing:
            _sync(folder.parent)

    def rename(self, name: Path, new: Path) -> None:
        """Move a file, link or folder; replace a file that has the name `new`."""
        old_entry, new_entry = self._entry(name), self._entry(new)
        old_entry.rename(new_entry)
        _sync(new_entry.parent)
        _sync(old_entry.parent)

    def delete(self, name: Path) -> None:
        """Delete a file, a link or an empty folder."""
        entry = self._entry(name)
        if entry.is_dir() and not entry.is_symlink():
            entry.rmdir()
        else:
            entry.unlink()
        _sync(entry.parent)

    def _entry(self, name: Path) -> Path:
        """Return the path of a directory entry: follow links in its parents, but not the entry."""
        path = Path(self._root, name)
        if path.name == "..":
            raise PermissionError("Access denied.")
        return self._inside(path.parent.resolve()) / path.name

    def _inside(self, path: Path) -> Path:
        if not path.is_relative_to(self._root):
            raise PermissionError("Access denied.")
        return path


def _write(draft: Path, source: BinaryIO, model: Path) -> None:
    """Write `source` to `draft` and to disk, with the owner and mode of `model`."""
    draft.unlink(missing_ok=True)  # a power cut may have left one
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        mode = NEW_FILE_MODE
        if model.exists():
            status = model.stat()
            mode = stat.S_IMODE(status.st_mode)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
        os.fchmod(file.fileno(), mode)
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in `folder` durable: fsync(2), on a file alone, does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def apply(folder: EditableFolder, change: str, form: Mapping[str, str]) -> Path:
    """Make the change that a form of the page requests, and return the path that changed.

    `change`: save, rename, delete, newfolder or newfile.
    Raises OSError, and KeyError for a field that the form lacks.
    """
    if change == "save":
        path = Path(form["filename"])
        folder.write(path, io.BytesIO(form["text"].encode()))
    elif change == "rename":
        path = Path(form["src"]).parent / form["dstfilename"]
        folder.rename(Path(form["src"]), path)
    elif change == "delete":
        path = Path(form["path"])
        folder.delete(path)
    else:
        path = Path(form["path"], form["name"])
        make = folder.make_folder if change == "newfolder" else folder.make_file
        make(path)
    return path
