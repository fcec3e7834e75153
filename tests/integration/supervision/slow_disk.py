"""A supervisord with a slow disk: a write of the heartbeat takes the seconds in the file `slow`."""

import os
import sys
import time
from pathlib import Path

from supervisor import supervisord

SLOW = Path(sys.argv[-1]).with_name("slow")
pwrite = os.pwrite


def slow_pwrite(descriptor: int, data: bytes, offset: int) -> int:
    if SLOW.exists():
        seconds = float(SLOW.read_text())
        SLOW.unlink()
        time.sleep(seconds)
    return pwrite(descriptor, data, offset)


setattr(os, "pwrite", slow_pwrite)  # noqa: B010 - its type is another one
supervisord.main()
