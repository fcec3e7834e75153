"""The phases of a unit's life, its states for operators, and the commands to its owner."""

from __future__ import annotations

from enum import Enum, auto


class UnitPhase(Enum):
    """Where a unit is in its life: the sub-states of a service in systemd, and `waiting`."""

    __hash__ = object.__hash__  # Enum's own hashes the name, in Python: for each unit and round

    DEAD = "dead"  # never started, stopped on request, or ended with success
    WAITING = "waiting"  # starts as soon as no other unit is an obstacle; in systemd a queued job
    CONDITION = "condition"  # ExecCondition
    START_PRE = "start-pre"  # ExecStartPre
    START = "start"
    START_POST = "start-post"  # ExecStartPost
    RUNNING = "running"
    EXITED = "exited"  # RemainAfterExit
    RELOAD = "reload"  # ExecReload
    RELOAD_SIGNAL = "reload-signal"  # ReloadSignal was sent
    RELOAD_NOTIFY = "reload-notify"  # RELOADING=1 was received
    STOP = "stop"  # ExecStop
    STOP_WATCHDOG = "stop-watchdog"  # SIGABRT was sent
    STOP_SIGTERM = "stop-sigterm"  # the stop signal was sent, or STOPPING=1 was received
    STOP_SIGKILL = "stop-sigkill"
    STOP_POST = "stop-post"  # ExecStopPost
    FINAL_WATCHDOG = "final-watchdog"  # as STOP_WATCHDOG, for what is left of ExecStopPost
    FINAL_SIGTERM = "final-sigterm"
    FINAL_SIGKILL = "final-sigkill"
    FAILED = "failed"
    AUTO_RESTART = "auto-restart"


class HealthState(Enum):
    """The state of a unit for operators: systemd's ActiveState, and three words more."""

    INACTIVE = "inactive"  # never started, or stopped on request
    WAITING = "waiting"
    ACTIVATING = "activating"
    ACTIVE = "active"
    RELOADING = "reloading"
    DEACTIVATING = "deactivating"
    AUTO_RESTART = "auto-restart"
    EXITED = "exited"  # ended with success, and does not restart
    FAILED = "failed"


class UnitCommand(Enum):
    """What the owner of the processes has to do now."""

    SPAWN = auto()  # start the main process
    RUN = auto()  # start the control process `unit.processes.control`
    STOP = auto()  # send the stop signal to all processes
    RELOAD = auto()  # send ReloadSignal to the main process
    ABORT = auto()  # send SIGABRT to the main process, which prints a traceback
    KILL = auto()  # send SIGKILL to all processes
    KILL_CONTROL = auto()  # send SIGKILL to the control process
    TRIGGER = auto()  # start the units of OnFailure or OnSuccess
    EXIT = auto()  # end supervisord as `unit.container_end` says


P = UnitPhase
STARTING = frozenset({P.CONDITION, P.START_PRE, P.START, P.START_POST})
RELOADING = frozenset({P.RELOAD, P.RELOAD_SIGNAL, P.RELOAD_NOTIFY})
UP = frozenset({P.RUNNING, P.EXITED}) | RELOADING
SIGNALLED = frozenset(
    {
        P.STOP_WATCHDOG,
        P.STOP_SIGTERM,
        P.STOP_SIGKILL,
        P.FINAL_WATCHDOG,
        P.FINAL_SIGTERM,
        P.FINAL_SIGKILL,
    }
)
CLOSING = frozenset({P.STOP_POST, P.FINAL_WATCHDOG, P.FINAL_SIGTERM, P.FINAL_SIGKILL})
ENDING = SIGNALLED | {P.STOP, P.STOP_POST}
RESTING = frozenset({P.DEAD, P.FAILED})
INACTIVE = RESTING | {P.WAITING, P.AUTO_RESTART}  # without a process

STATES = {
    P.DEAD: HealthState.INACTIVE,
    P.WAITING: HealthState.WAITING,
    **dict.fromkeys(STARTING, HealthState.ACTIVATING),
    P.RUNNING: HealthState.ACTIVE,
    P.EXITED: HealthState.EXITED,
    **dict.fromkeys(RELOADING, HealthState.RELOADING),
    **dict.fromkeys(ENDING, HealthState.DEACTIVATING),
    P.FAILED: HealthState.FAILED,
    P.AUTO_RESTART: HealthState.AUTO_RESTART,
}
_ACTIVE_STATES = {
    **dict.fromkeys(UP, "active"),
    **dict.fromkeys(RELOADING, "reloading"),
    **dict.fromkeys(STARTING | {P.AUTO_RESTART}, "activating"),
    **dict.fromkeys(ENDING, "deactivating"),
    P.FAILED: "failed",
}


def active_state(phase: UnitPhase) -> str:
    """Return systemd's ActiveState. A unit that waits for others is inactive."""
    return _ACTIVE_STATES.get(phase, "inactive")
