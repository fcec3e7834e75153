"""Who may notify in the name of a unit: NotifyAccess= of systemd.service(5)."""

import math
from collections.abc import Collection
from enum import Enum
from typing import NamedTuple


class NotifyAccess(Enum):
    NONE = "none"
    MAIN = "main"  # the main process
    EXEC = "exec"  # and the processes of ExecStartPre and the like
    ALL = "all"  # every process of the unit


class NotifySettings(NamedTuple):
    """`access` is None without the directive; see `effective_access`."""

    access: NotifyAccess | None = None
    max_descriptors: int = 0


def effective_access(
    settings: NotifySettings, *, is_notify_type: bool, watchdog_s: float
) -> NotifyAccess:
    """Return who may notify: main if the unit could not work otherwise."""
    access = settings.access or NotifyAccess.NONE
    is_needed = is_notify_type or watchdog_s < math.inf or settings.max_descriptors > 0
    return NotifyAccess.MAIN if is_needed and access is NotifyAccess.NONE else access


def refusal(
    access: NotifyAccess, sender: int, main: int, control: Collection[int] = ()
) -> str | None:
    """Return why a process of the unit may not notify, None if it may. All are pids."""
    if access is NotifyAccess.NONE:
        return "NotifyAccess=none"
    if access is NotifyAccess.ALL or sender == main:
        return None
    if access is NotifyAccess.EXEC and sender in control:
        return None
    return f"only the main process {main} may, with NotifyAccess={access.value}"


def main_pid_fault(
    pid: int, *, supervisor: int, others: Collection[int], is_member: bool, sender_uid: int
) -> str | None:
    """Return why MAINPID=`pid` is refused, None if it is accepted.

    `others` are the main processes of other units. Only root may name a process that is not of
    the unit.
    """
    if pid <= 1 or pid == supervisor:
        return f"{pid} is not a process of a unit"
    if pid in others:
        return f"{pid} is the main process of another unit"
    if not is_member and sender_uid != 0:
        return f"{pid} is not a process of this unit"
    return None
