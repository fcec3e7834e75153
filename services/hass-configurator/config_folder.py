"""Read and change files below one folder, never outside it, and replace each file as a whole.

A name is a path relative to the folder, such as `packages/solar.yaml`; "" is the folder itself.
Links that stay inside are followed. Whether a path is inside is asked of the kernel after it has
been opened, so that no link that changes in between leads out.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from file_replacement import exists, publish_new, state_to_replace, version_of, write_draft

MAX_ENTRIES = 2000  # of a folder, in a listing
# Home Assistant's database in use, and Python's copies. A damaged database is there to be deleted.
WITHHELD = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal", "__pycache__")


class Outside(PermissionError):
    """The path leads out of the folder, or to what the editor withholds."""


class Entry(NamedTuple):
    """A name in a folder; `kind` is folder, file or other, `size` in bytes."""

    name: str
    kind: str
    size: int
    is_link: bool


@dataclass(frozen=True)
class Listing:
    entries: list[Entry]
    is_complete: bool


class ConfigFolder:
    """What is below `root`. Methods raise OSError; Outside for a path that is not allowed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._lock = threading.Lock()

    def listing(self, name: str) -> Listing:
        """Return what is in a folder, at most MAX_ENTRIES."""
        with self._opened(_parts(name)) as folder, os.scandir(folder) as items:
            listed = (_entry(one) for one in items if not _is_withheld(one.name))
            entries = list(islice(listed, MAX_ENTRIES + 1))
        entries.sort(key=lambda entry: (entry.kind != "folder", entry.name.casefold()))
        return Listing(entries[:MAX_ENTRIES], len(entries) <= MAX_ENTRIES)

    def open(self, name: str) -> tuple[BinaryIO, int]:
        """Return a regular file, opened, and its size in bytes."""
        path = os.open(Path(self._root, *_parts(name)), os.O_PATH | os.O_CLOEXEC)
        try:
            self._require_inside(path)
            status = os.fstat(path)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "Not a regular file")
            descriptor = os.open(f"/proc/self/fd/{path}", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            os.close(path)
        return os.fdopen(descriptor, "rb", buffering=0), status.st_size

    def write(self, name: str, content: bytes, expected: str) -> str:
        """Write a file and return its new version; keep the owner and mode of the old one.

        `expected` is the version that the visitor has read, NEW or ANY. The old content stays
        until the new one is on disk, so a full disk destroys nothing. Raises Changed.
        """
        parent, target = self._target(name)
        draft = f".{target}.new"
        with self._lock, self._opened(parent) as folder:
            model = state_to_replace(folder, target, expected)
            try:
                write_draft(folder, draft, content, model)
                if model is None:
                    publish_new(folder, draft, target)
                else:
                    os.replace(draft, target, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=folder)
        return version_of(content)

    def make_folder(self, name: str) -> None:
        """Make a folder and its missing parents."""
        parts = _parts(name)
        if not parts:
            raise FileExistsError(errno.EEXIST, "File exists")
        for depth in range(1, len(parts) + 1):
            with self._opened(parts[: depth - 1]) as folder:
                try:
                    os.mkdir(parts[depth - 1], dir_fd=folder)
                    os.fsync(folder)
                except FileExistsError:
                    if depth == len(parts):
                        raise

    def rename(self, name: str, new: str) -> None:
        """Move a file, link or folder; refuse to replace anything."""
        (old_parent, old), (new_parent, fresh) = _split(name), _split(new)
        with self._lock, self._opened(old_parent) as source, self._opened(new_parent) as target:
            if exists(target, fresh):
                raise FileExistsError(errno.EEXIST, "File exists")
            os.rename(old, fresh, src_dir_fd=source, dst_dir_fd=target)
            os.fsync(target)
            os.fsync(source)

    def delete(self, name: str) -> None:
        """Delete a file, a link or an empty folder."""
        parent, entry = _split(name)
        with self._lock, self._opened(parent) as folder:
            is_folder = stat.S_ISDIR(os.lstat(entry, dir_fd=folder).st_mode)
            remove = os.rmdir if is_folder else os.unlink
            remove(entry, dir_fd=folder)
            os.fsync(folder)

    def _target(self, name: str) -> tuple[tuple[str, ...], str]:
        """Return the folder and the name of the file to write: a link to a file stays a link."""
        parent, entry = _split(name)
        try:
            path = os.open(Path(self._root, *parent, entry), os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return parent, entry
        try:
            target = self._require_inside(path)
        finally:
            os.close(path)
        return target.parts[:-1], target.name

    @contextmanager
    def _opened(self, parts: tuple[str, ...]) -> Iterator[int]:
        """Open the folder `parts`, inside."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        descriptor = os.open(Path(self._root, *parts), flags)
        try:
            self._require_inside(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def _require_inside(self, descriptor: int) -> PurePosixPath:
        """Return the true path of what is open, relative to the root."""
        path = PurePosixPath(Path(f"/proc/self/fd/{descriptor}").readlink())
        if not path.is_relative_to(self._root):
            raise Outside(errno.EACCES, "Outside the folder")
        inside = path.relative_to(self._root)
        if any(map(_is_withheld, inside.parts)):
            raise Outside(errno.EACCES, "Not a file to edit")
        return inside


def _parts(name: str) -> tuple[str, ...]:
    """Return the components of a name. Raises Outside if it could lead elsewhere."""
    parts = tuple(name.split("/")) if name else ()
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise Outside(errno.EACCES, "Outside the folder")
    if any(map(_is_withheld, parts)):
        raise Outside(errno.EACCES, "Not a file to edit")
    return parts


def _split(name: str) -> tuple[tuple[str, ...], str]:
    """Return the folder of a name, and its last component."""
    parts = _parts(name)
    if not parts:
        raise Outside(errno.EACCES, "The folder itself stays")
    return parts[:-1], parts[-1]


def _is_withheld(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in WITHHELD)


def _entry(item: os.DirEntry[str]) -> Entry:
    try:
        status = item.stat()
    except OSError:  # a link that leads nowhere, or a file that is gone
        return Entry(item.name, "other", 0, item.is_symlink())
    kind = "folder" if stat.S_ISDIR(status.st_mode) else "other"
    kind = "file" if stat.S_ISREG(status.st_mode) else kind
    return Entry(item.name, kind, status.st_size, item.is_symlink())
