"""Processes that leave the session of their unit, found by their command line."""

import os
from contextlib import suppress
from pathlib import Path

LONG_SLEEP = f"sleep 7123.{os.getpid()}"  # of this run of the tests alone


def long_sleepers() -> list[int]:
    """Return the pids of the processes that have executed LONG_SLEEP."""
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")[:-1]
            if b" ".join(words) == LONG_SLEEP.encode():
                pids.append(int(path.parent.name))
    return pids
