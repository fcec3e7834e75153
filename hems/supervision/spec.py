"""What one unit is: the values behind systemd's directives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Type(Enum):
    SIMPLE = "simple"  # up as soon as its process runs
    NOTIFY = "notify"  # up when it says READY=1
    ONESHOT = "oneshot"  # up when it has exited with success


class Restart(Enum):
    NO = "no"
    ON_SUCCESS = "on-success"
    ON_FAILURE = "on-failure"
    ON_ABNORMAL = "on-abnormal"
    ON_WATCHDOG = "on-watchdog"
    ON_ABORT = "on-abort"
    ALWAYS = "always"


class LimitAction(Enum):
    NONE = "none"
    EXIT = "exit"  # supervisord stops everything in order and exits


@dataclass(frozen=True)
class UnitSpec:
    """What one unit is. Times are in seconds, math.inf meaning never; exit codes are numbers."""

    name: str
    is_autostarted: bool = True
    type: Type = Type.SIMPLE
    after: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    watchdog_s: float = math.inf
    start_timeout_s: float = 90.0
    abort_timeout_s: float = 10.0
    stop_timeout_s: float = 10.0
    restart: Restart = Restart.NO
    restart_s: float = 0.1
    restart_steps: int = 0
    restart_max_delay_s: float = math.inf
    success_codes: frozenset[int] = frozenset({0})
    prevent_codes: frozenset[int] = frozenset()
    limit_burst: int = 5
    limit_interval_s: float = 10.0
    limit_action: LimitAction = LimitAction.NONE
    pass_environment: tuple[str, ...] = ()  # empty: everything
