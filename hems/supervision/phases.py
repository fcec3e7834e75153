"""Where a unit is in its life, and what has to be done about it."""

from __future__ import annotations

from enum import Enum, auto


class Phase(Enum):
    """Where a unit is in its life, in systemd's words where it has one."""

    INACTIVE = "inactive"  # never started, or stopped on request
    WAITING = "waiting"  # to be started as soon as nothing stands in the way
    ACTIVATING = "activating"
    ACTIVE = "active"
    RELOADING = "reloading"
    DEACTIVATING = "deactivating"
    AUTO_RESTART = "auto-restart"
    EXITED = "exited"  # ended with success, not to be restarted
    FAILED = "failed"


class Command(Enum):
    """What the owner of the process has to do now."""

    SPAWN = auto()
    STOP = auto()  # ask it to end
    ABORT = auto()  # SIGABRT to the main process, which prints where it hangs
    KILL = auto()  # SIGKILL to its process group
    EXIT = auto()  # end the whole supervision, in order


UP = frozenset({Phase.ACTIVE, Phase.RELOADING})
RUNNING = UP | {Phase.ACTIVATING, Phase.DEACTIVATING}  # has a process
