"""Append whole lines to files durably, and keep their newest lines. Each file has one writer."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hems.errors import Unavailable
from hems.system import files


def append_line(path: Path, line: str) -> None:
    """Append `line`, which has no line break, to `path`; it is on disk before this returns.

    If an interrupted write left half a line, end that line first. Raises Unavailable when the
    line cannot be written; then nothing of it remains.
    """
    try:
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _append(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)
        if is_new:
            files.sync_directory(path.parent)
    except OSError as error:
        raise files.not_written(path, error) from error


def keep_tail(path: Path, max_bytes: int) -> None:
    """Cut whole lines off the front of `path` if it has more than `max_bytes` (bytes).

    About half of that remains, so that few writes cut. Raises Unavailable.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size <= max_bytes:
                return
            file.seek(size - max_bytes // 2)
            tail = file.read(max_bytes).partition(b"\n")[2]
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
    files.replace(path, tail)


def _append(descriptor: int, data: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        data = b"\n" + data
    written = os.write(descriptor, data)
    if written < len(data):  # the disk is full
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)
