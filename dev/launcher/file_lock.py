"""Lock a file, so that only one process at a time uses what the file protects, or only readers.

The kernel removes the lock when its holder ends. Standard library only.
"""

from __future__ import annotations

import fcntl
import time
from typing import IO

from hems.errors import Unavailable

POLL_S = 0.2


def try_lock(file: IO[str], *, is_shared: bool = False) -> bool:
    """Lock `file` until it is closed; return False when another process holds the lock.

    Any number of processes can hold a shared lock, while none has another one.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(file: IO[str], timeout_s: float, *, is_shared: bool = False) -> None:
    """Lock `file`, waiting for other processes. Raises Unavailable after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not try_lock(file, is_shared=is_shared):
        if time.monotonic() > deadline:
            raise Unavailable(f"another process has held {file.name} for {timeout_s:g} s")
        time.sleep(POLL_S)
