"""Files that must survive: replaced as a whole, or longer by whole lines.

Whatever ends the process or the machine in between, a reader finds the old content or the
new one. Each file has one writer.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from hems.errors import Unavailable

MIN_FREE = 65_536  # bytes; with less, a file that is to be replaced may not fit

MAX_SIZE = 1_000_000  # bytes; what is larger was not written by us


@dataclass(frozen=True)
class Access:
    """Who may do what with a file; `owner` is (uid, gid), None for whoever made it."""

    mode: int
    owner: tuple[int, int] | None = None


def replace(path: Path, data: bytes, access: Access | None = None) -> None:
    """Make `data` the content of `path`, on disk before this returns.

    `access` counts before there is any content in it; the default is the umask's. Raises
    Unavailable when that fails; the old content is still there then.
    """
    unfinished = path.with_name(f".{path.name}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    try:
        descriptor = os.open(unfinished, flags, 0o600 if access else 0o666)
        try:
            if access is not None:
                _set_access(descriptor, access)
            _write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(unfinished, path)  # noqa: PTH105 - every change of this module is one of os
        _sync_directory(path.parent)
    except OSError as error:
        raise _unavailable(path, error) from error


def settle(path: Path, data: bytes, access: Access) -> bool:
    """Make `path` a file with this content and access; return whether anything was changed.

    Nothing is written when it is one already. Raises Unavailable.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # there is none, or something else stands there: replacing it will tell
        replace(path, data, access)
        return True
    try:
        is_same = os.read(descriptor, len(data) + 1) == data
        if is_same:
            return _set_access(descriptor, access)
    except OSError as error:
        raise Unavailable(f"{path} cannot be kept: {error.strerror}") from error
    finally:
        os.close(descriptor)
    replace(path, data, access)
    return True


def settle_directory(path: Path, access: Access) -> bool:
    """Make `path` a directory with this access; return whether anything was changed.

    The directory above must be there. Raises Unavailable.
    """
    try:
        is_new = not path.is_dir()
        if is_new:
            os.mkdir(path, 0o700)  # noqa: PTH102 - see replace
            _sync_directory(path.parent)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return _set_access(descriptor, access) or is_new
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unavailable(f"{path} cannot be made: {error.strerror}") from error


def remove(path: Path) -> None:
    """Remove the file `path` if there is one. Raises Unavailable."""
    try:
        os.unlink(path)  # noqa: PTH108 - see replace
        _sync_directory(path.parent)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Unavailable(f"{path} cannot be removed: {error.strerror}") from error


def content(path: Path) -> bytes | None:
    """Return what is in `path`, None when there is no such file.

    Raises Unavailable when it cannot be read or is no plain file of a sensible size.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > MAX_SIZE:
            raise Unavailable(f"{path} is not a file of up to {MAX_SIZE} bytes: remove it")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def _set_access(descriptor: int, access: Access) -> bool:
    """Set owner and mode where they differ; return whether they did."""
    found = os.fstat(descriptor)
    is_owned = access.owner in {None, (found.st_uid, found.st_gid)}
    if access.owner is not None and not is_owned:
        os.fchown(descriptor, *access.owner)
    has_mode = stat.S_IMODE(found.st_mode) == access.mode
    if not has_mode:
        os.fchmod(descriptor, access.mode)
    return not (is_owned and has_mode)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


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
