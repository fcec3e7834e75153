"""The system calls that Python 3.11 does not have, each raising OSError as os's functions do."""

from __future__ import annotations

import ctypes
import os

PR_SET_DUMPABLE = 4  # prctl(2)
PR_SET_KEEPCAPS = 8
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_CLEAR_ALL = 47, 2, 4
CLONE_NEWNS = 0x20000  # unshare(2)
_CAPABILITY_VERSION_3 = 0x20080522  # capset(2): three sets of 64 bits, in two halves
_libc = ctypes.CDLL(None, use_errno=True)
_ULONG = ctypes.c_ulong


def prctl(option: int, *arguments: int) -> int:
    """Change this process or thread."""
    padded = [_ULONG(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *padded))


def return_free_heap() -> None:
    """Return the free pages of the heap to the kernel: malloc_trim(3), which only glibc has."""
    if trim := getattr(_libc, "malloc_trim", None):
        trim(0)


def capget() -> tuple[int, int, int]:
    """Return this thread's effective, permitted and inheritable capabilities as bits."""
    header, data = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc.capget(header, data))
    effective, permitted, inheritable = (data[i] | data[i + 3] << 32 for i in range(3))
    return effective, permitted, inheritable


def capset(effective: int, permitted: int, inheritable: int) -> None:
    """Set this thread's capabilities."""
    sets = (effective, permitted, inheritable)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = [bits & 0xFFFFFFFF for bits in sets], [bits >> 32 for bits in sets]
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)(*low, *high)))


def set_file_system_user(user: int, group: int) -> tuple[int, int]:
    """Take the rights of a user for files alone; return those before: setfsuid(2)."""
    previous_group = _libc.setfsgid(group)
    return int(_libc.setfsuid(user)), int(previous_group)


def unshare(flags: int) -> None:
    """Leave namespaces that are shared with the parent."""
    _checked(_libc.unshare(flags))


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount something, or change a mount."""
    texts = [os.fsencode(text) if text else None for text in (source, target, kind)]
    _checked(_libc.mount(*texts, _ULONG(flags), data.encode() or None), target)


def _checked(result: int, path: str | None = None) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return result
