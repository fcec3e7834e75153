"""The settings of one unit: the values of systemd's directives."""

import math
import signal
from enum import Enum
from typing import NamedTuple

from hems.supervision.settings.container_end_directives import ActionSettings
from hems.supervision.settings.exec_command import ExecSettings
from hems.supervision.settings.kill_directives import KillSettings
from hems.supervision.settings.log_directives import LogSettings
from hems.supervision.settings.notify_access import NotifyAccess, NotifySettings, effective_access
from hems.supervision.settings.process_settings import ProcessSettings
from hems.supervision.settings.socket_directives import SocketSettings


class UnitType(Enum):
    SIMPLE = "simple"  # up as soon as its process runs
    EXEC = "exec"  # up once its program has been executed
    NOTIFY = "notify"  # up when its process sends READY=1
    NOTIFY_RELOAD = "notify-reload"  # as notify; it also reloads at a signal
    ONESHOT = "oneshot"  # up when its process has exited with success


NOTIFYING = frozenset({UnitType.NOTIFY, UnitType.NOTIFY_RELOAD})


class RestartCondition(Enum):
    NO = "no"
    ON_SUCCESS = "on-success"
    ON_FAILURE = "on-failure"
    ON_ABNORMAL = "on-abnormal"
    ON_WATCHDOG = "on-watchdog"
    ON_ABORT = "on-abort"
    ALWAYS = "always"


class TimeoutMode(Enum):
    """What the processes of a start or a stop get that takes too long."""

    TERMINATE = "terminate"  # the stop signal, then SIGKILL
    ABORT = "abort"  # SIGABRT, then SIGKILL
    KILL = "kill"  # SIGKILL


class UnitSpec(NamedTuple):
    """The settings of one unit. Times are in seconds, math.inf is never."""

    name: str
    is_autostarted: bool = True
    type: UnitType = UnitType.SIMPLE
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    binds_to: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    upholds: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    on_success: tuple[str, ...] = ()
    watchdog_s: float = math.inf
    start_timeout_s: float = 90.0
    abort_timeout_s: float = 10.0
    stop_timeout_s: float = 10.0
    start_failure_mode: TimeoutMode = TimeoutMode.TERMINATE
    stop_failure_mode: TimeoutMode = TimeoutMode.TERMINATE
    runtime_max_s: float = math.inf
    runtime_extra_s: float = 0.0
    remains_after_exit: bool = False
    reload_signal: signal.Signals = signal.SIGHUP
    exec: ExecSettings = ExecSettings()
    restart: RestartCondition = RestartCondition.NO
    restart_s: float = 0.1
    restart_steps: int = 0
    restart_max_delay_s: float = math.inf
    # Exit statuses; a signal is its negative number.
    success_codes: frozenset[int] = frozenset({0})
    prevent_codes: frozenset[int] = frozenset()
    force_codes: frozenset[int] = frozenset()
    limit_burst: int = 5
    limit_interval_s: float = 10.0
    actions: ActionSettings = ActionSettings()
    kill: KillSettings = KillSettings()
    process: ProcessSettings = ProcessSettings()
    log: LogSettings = LogSettings()
    sockets: SocketSettings = SocketSettings()
    notify: NotifySettings = NotifySettings()

    @property
    def is_independent(self) -> bool:
        """Return whether no other unit can change this one while it runs, but on request."""
        return not (self.requires or self.binds_to or self.part_of or self.upholds)

    @property
    def notify_access(self) -> NotifyAccess:
        """Return who may notify in the name of the unit."""
        return effective_access(
            self.notify, is_notify_type=self.type in NOTIFYING, watchdog_s=self.watchdog_s
        )
