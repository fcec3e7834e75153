"""Read files, and replace them durably as a whole.

Whenever the process or the machine stops, a reader finds either the old content or the new one.
Each file has one writer.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from hems.errors import Unavailable

MIN_FREE = 65_536  # bytes; with less, the new content of a file may not fit
MAX_SIZE = 1_000_000  # bytes; hems writes no larger file


class Access(NamedTuple):
    """A file's mode and owner (uid, gid); None leaves the user that creates it."""

    mode: int
    owner: tuple[int, int] | None = None


def replace(path: Path, data: bytes, access: Access | None = None) -> None:
    """Make `data` the content of `path`, on disk before this returns.

    `access` is set before the content is written; by default the umask decides. Raises
    Unavailable on failure; then the old content remains.
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
        os.replace(unfinished, path)  # noqa: PTH105 - this module changes files through os only
        sync_directory(path.parent)
    except OSError as error:
        raise not_written(path, error) from error


def ensure(path: Path, data: bytes, access: Access) -> bool:
    """Give the file `path` this content and access; return whether anything changed.

    Write nothing if it has both already. Raises Unavailable.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # missing, or not a file: then `replace` raises the error
        replace(path, data, access)
        return True
    try:
        is_same = os.read(descriptor, len(data) + 1) == data
        if is_same:
            return _set_access(descriptor, access)
    except OSError as error:
        raise Unavailable(f"{path} cannot be checked: {error.strerror}") from error
    finally:
        os.close(descriptor)
    replace(path, data, access)
    return True


def ensure_directory(path: Path, access: Access) -> bool:
    """Create the directory `path` or set its access; return whether anything changed.

    Its parent must exist. Raises Unavailable.
    """
    try:
        descriptor, is_new = _opened_directory(path)
        try:
            return _set_access(descriptor, access) or is_new
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unavailable(f"{path} cannot be created: {error.strerror}") from error


def remove(path: Path) -> None:
    """Remove the file `path` if it exists. Raises Unavailable."""
    try:
        os.unlink(path)  # noqa: PTH108 - see replace
        sync_directory(path.parent)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Unavailable(f"{path} cannot be removed: {error.strerror}") from error


def read(path: Path) -> bytes:
    """Return the content of the file `path`. Raises Unavailable when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def read_end(path: Path, size: int) -> bytes:
    """Return the last `size` bytes of the file. Raises Unavailable when it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read(size)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def content(path: Path) -> bytes | None:
    """Return the content of the file `path`, None if it does not exist.

    Raises Unavailable when it cannot be read, is not a plain file or exceeds MAX_SIZE.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SIZE:
                raise Unavailable(f"{path} is not a file of up to {MAX_SIZE} bytes: remove it")
            return os.read(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def modified_at(path: Path) -> float | None:
    """Return the unix time (s) of the file's last change, None if it cannot be seen."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def require_writable(directory: Path) -> None:
    """Raise Unavailable unless files can be written in `directory`; write nothing to test it."""
    if not directory.is_dir():
        raise Unavailable(f"{directory} is missing; create or mount it")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise Unavailable(f"{directory} cannot be written to: read-only, or another user's")
    try:
        space = os.statvfs(directory)
    except OSError as error:
        raise Unavailable(f"{directory} cannot be written to: {error.strerror}") from error
    # A file system that does not count its files has f_files 0.
    if space.f_bfree * space.f_frsize < MIN_FREE or (space.f_files and not space.f_ffree):
        raise Unavailable(f"{directory} cannot be written to: its disk is full")


def not_written(path: Path, error: OSError) -> Unavailable:
    """Return the error for a file that could not be written, with what to do."""
    hint = "" if path.parent.is_dir() else f"; create or mount {path.parent}"
    return Unavailable(f"{path} cannot be written: {error.strerror}{hint}")


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: fsync(2), on a file alone, does not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened_directory(path: Path) -> tuple[int, bool]:
    """Return a descriptor of the directory `path`, and whether it had to be made."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        return os.open(path, flags), False
    except (FileNotFoundError, NotADirectoryError):
        os.mkdir(path, 0o700)  # noqa: PTH102 - see replace
        sync_directory(path.parent)
        return os.open(path, flags), True


def _set_access(descriptor: int, access: Access) -> bool:
    """Set owner and mode if they differ; return whether they did."""
    status = os.fstat(descriptor)
    is_owned = access.owner in {None, (status.st_uid, status.st_gid)}
    if access.owner is not None and not is_owned:
        os.fchown(descriptor, *access.owner)
    has_mode = stat.S_IMODE(status.st_mode) == access.mode
    if not has_mode:
        os.fchmod(descriptor, access.mode)
    return not (is_owned and has_mode)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
