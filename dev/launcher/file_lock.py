"""Lock a file, so that only one process at a time uses what the file protects.

The kernel removes the lock when its holder ends. Standard library only.
"""

from __future__ import annotations

import fcntl
import time
from typing import IO

from hems.errors import Unavailable

POLL_S = 0.2


def try_lock(file: IO[str]) -> bool:
    """Lock `file` until it is closed; return False when another process holds the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(file: IO[str], timeout_s: float) -> None:
    """Lock `file`, waiting for other processes. Raises Unavailable after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not try_lock(file):
        if time.monotonic() > deadline:
            raise Unavailable(f"another process has held {file.name} for {timeout_s:g} s")
        time.sleep(POLL_S)
