"""Files that must survive: replaced as a whole, or longer by whole lines.

Whatever ends the process or the machine in between, a reader finds the old content or the
new one. Each file has one writer.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hems.errors import Unavailable

MIN_FREE = 65_536  # bytes; with less, a file that is to be replaced may not fit


def replace(path: Path, data: bytes) -> None:
    """Make `data` the content of `path`, on disk before this returns.

    Raises Unavailable when that fails; the old content is still there then.
    """
    unfinished = path.with_name(f".{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        raise _unavailable(path, error) from error


def append_line(path: Path, line: str) -> None:
    """Add `line`, which has no line break, to the end of `path`, on disk before this returns.

    What an interrupted write left of a line before is ended first. Raises Unavailable when
    the line cannot be written; none of it is there then.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _append(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unavailable(path, error) from error


def require_writable(directory: Path) -> None:
    """Raise Unavailable unless files can be written in `directory`; write none to find out."""
    if not directory.is_dir():
        raise Unavailable(f"{directory} is missing; make or mount it")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Unavailable(f"{directory} cannot be written to: read-only, or not ours")
    try:
        room = os.statvfs(directory)
    except OSError as error:
        raise Unavailable(f"{directory} cannot be written to: {error.strerror}") from error
    # Some file systems count no files: there f_files is 0.
    if room.f_bfree * room.f_frsize < MIN_FREE or (room.f_files and not room.f_ffree):
        raise Unavailable(f"{directory} cannot be written to: its disk is full")


def _unavailable(path: Path, error: OSError) -> Unavailable:
    hint = "" if path.parent.is_dir() else f"; make or mount {path.parent}"
    return Unavailable(f"{path} cannot be written: {error.strerror}{hint}")


def _append(descriptor: int, data: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        data = b"\n" + data
    written = os.write(descriptor, data)
    if written < len(data):  # the disk is full
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    """Make the names in a directory durable: fsync(2), on a file alone, does not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
