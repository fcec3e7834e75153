"""Give a new process its descriptors from 3 on, as sd_listen_fds(3) describes, and no others."""

from __future__ import annotations

import fcntl
import os
import resource
from collections.abc import Sequence

from hems.supervision.worker.listen_sockets import FIRST, VARIABLES


def hand_over(descriptors: Sequence[int], private: int | None = None) -> int | None:
    """Move `descriptors` to 3, 4, …, where exec keeps them, and close all above.

    Call this in the child. What another unit, or supervisord itself, has open must not reach it.
    `private` stays open until the exec; return its new number.
    """
    end = FIRST + len(descriptors)
    if private is not None:
        moved_private = fcntl.fcntl(private, fcntl.F_DUPFD_CLOEXEC, end + 1)
    moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, end) for one in descriptors]
    for number, descriptor in enumerate(moved, FIRST):
        os.dup2(descriptor, number)
    if private is not None:
        private = end
        os.dup2(moved_private, end, inheritable=False)
        end += 1
    soft_limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(end, 1 << 20 if soft_limit == resource.RLIM_INFINITY else soft_limit)
    return private


def listen_environment(names: Sequence[str], pid: int) -> dict[str, str]:
    """Return the variables that tell the process `pid` which descriptors it was given."""
    if not names:
        return {}
    values = (str(pid), str(len(names)), ":".join(names))
    return dict(zip(VARIABLES, values, strict=True))
