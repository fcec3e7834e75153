"""Replace a file as a whole: a draft beside it, which gets its name once it is on disk.

A version of a file is the digest of its content, so that a visitor's text replaces only the text
that the visitor has read. Every function works in an open folder, `folder`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress

NEW_FILE_MODE = 0o644
NEW, ANY = "", "*"  # in place of a version: there is no such file yet, or whatever it contains


class Changed(Exception):
    """The file is not the one that the visitor has read: nothing was written."""


def version_of(content: bytes) -> str:
    """Return the version of a file with this content."""
    return hashlib.sha256(content).hexdigest()


def exists(folder: int, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def state_to_replace(folder: int, name: str, expected: str) -> os.stat_result | None:
    """Return the state of the file to replace, None if there is none. Raises Changed."""
    if not exists(folder, name):
        if expected not in {NEW, ANY}:
            raise Changed("The file is gone.")
        return None
    if expected == NEW:
        raise Changed("There is a file of this name.")
    status = os.lstat(name, dir_fd=folder)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file")
    if expected != ANY and _version_on_disk(folder, name) != expected:
        raise Changed("The file has changed since it was opened.")
    return status


def _version_on_disk(folder: int, name: str) -> str:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish_new(folder: int, draft: str, name: str) -> None:
    """Give the draft its name, unless something else has got it meanwhile."""
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except FileExistsError:
        raise Changed("There is a file of this name.") from None


def write_draft(folder: int, draft: str, content: bytes, model: os.stat_result | None) -> None:
    """Write `draft` to disk, with the owner and mode of `model`."""
    with suppress(FileNotFoundError):  # a power cut may have left one
        os.unlink(draft, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(draft, flags, 0o600, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        mode = NEW_FILE_MODE
        if model is not None:
            mode = stat.S_IMODE(model.st_mode)
            if (model.st_uid, model.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, model.st_uid, model.st_gid)
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
