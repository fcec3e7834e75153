"""The directives of a unit's life: type, time-outs, restarts and start limits."""

from __future__ import annotations

from hems.supervision.settings import time_span
from hems.supervision.settings.directive import (
    Directive,
    boolean,
    count,
    exit_statuses,
    one_of,
    timeout,
)
from hems.supervision.settings.kill_directives import signal_of
from hems.supervision.settings.unit_spec import (
    RestartCondition,
    TimeoutMode,
    UnitType,
)

UNIT = "systemd.unit(5)"

DIRECTIVES = (
    Directive(
        "Type",
        "type",
        one_of(UnitType),
        "simple",
        "simple: up once its process runs; exec: up once its program has been executed; notify: up "
        "at READY=1; notify-reload: as notify, and `reload-unit` sends it ReloadSignal, which it "
        "answers with RELOADING=1, MONOTONIC_USEC= and READY=1; oneshot: up once it has exited "
        "with 0",
    ),
    Directive(
        "ReloadSignal",
        "reload_signal",
        signal_of,
        "SIGHUP",
        "Type=notify-reload: the signal to the main process at `supervisorctl reload-unit`",
        unlike="With Type=notify-reload, ExecReload has no effect",
    ),
    Directive(
        "WatchdogSec",
        "watchdog_s",
        timeout,
        "never",
        "The longest time without WATCHDOG=1 after READY=1. Then the main process gets SIGABRT, so "
        "that the worker prints a traceback",
    ),
    Directive(
        "TimeoutStartSec",
        "start_timeout_s",
        timeout,
        "90; Type=oneshot: infinity",
        "The longest time until READY=1, and for each ExecStartPre. After it the start fails",
    ),
    Directive(
        "TimeoutAbortSec",
        "abort_timeout_s",
        timeout,
        "TimeoutStopSec",
        "The time after SIGABRT until every process of the unit gets SIGKILL",
    ),
    Directive(
        "TimeoutStartFailureMode",
        "start_failure_mode",
        one_of(TimeoutMode),
        "terminate",
        "What ends a start that takes too long. terminate: the stop signal; abort: SIGABRT, so "
        "that the worker prints a traceback; kill: SIGKILL",
    ),
    Directive(
        "TimeoutStopFailureMode",
        "stop_failure_mode",
        one_of(TimeoutMode),
        "terminate",
        "What ends a stop that takes too long, as in TimeoutStartFailureMode. After the stop "
        "signal, terminate is SIGKILL",
    ),
    Directive(
        "RuntimeMaxSec",
        "runtime_max_s",
        timeout,
        "infinity",
        "The longest time that the unit is up. Then it is stopped, with the result timeout",
    ),
    Directive(
        "RuntimeRandomizedExtraSec",
        "runtime_extra_s",
        time_span.seconds,
        "0",
        "A random time up to this is added to RuntimeMaxSec for each run, so that several units "
        "do not restart together",
    ),
    Directive(
        "RemainAfterExit",
        "remains_after_exit",
        boolean,
        "no",
        "The unit stays up when its process has exited with success",
        unlike="Its other processes end with the main one. A oneshot that has succeeded "
        "satisfies Requires until it is started again or stopped, without RemainAfterExit too",
    ),
    Directive(
        "Restart",
        "restart",
        one_of(RestartCondition),
        "autorestart",
        "After which results the unit restarts",
    ),
    Directive("RestartSec", "restart_s", time_span.seconds, "100ms", "The delay before a restart"),
    Directive(
        "RestartSteps",
        "restart_steps",
        count,
        "0",
        "The number of steps in which the delay grows, geometrically, to RestartMaxDelaySec",
        unlike="A run longer than StartLimitIntervalSec and RestartMaxDelaySec resets the delay",
    ),
    Directive(
        "RestartMaxDelaySec",
        "restart_max_delay_s",
        time_span.seconds,
        "infinity",
        "The longest delay before a restart",
    ),
    Directive(
        "RestartPreventExitStatus",
        "prevent_codes",
        exit_statuses,
        "",
        "Exit statuses and signals after which there is no restart, such as 78 or SIGKILL",
    ),
    Directive(
        "RestartForceExitStatus",
        "force_codes",
        exit_statuses,
        "",
        "Exit statuses and signals after which there is a restart, whatever Restart says",
    ),
    Directive(
        "SuccessExitStatus",
        "success_codes",
        lambda value: exit_statuses(value) | {0},
        "exitcodes",
        "Exit statuses and signals that are a success, besides 0 and the usual stop signals. A "
        "status is a number or a name such as TEMPFAIL",
        unlike="Only the names of sysexits.h are known",
    ),
    Directive(
        "StartLimitBurst",
        "limit_burst",
        count,
        "5",
        "The most starts in StartLimitIntervalSec. One more fails, until `reset-failed`. 0: no "
        "limit",
        UNIT,
    ),
    Directive(
        "StartLimitIntervalSec",
        "limit_interval_s",
        time_span.seconds,
        "10",
        "The time in which StartLimitBurst counts starts. 0: no limit",
        UNIT,
    ),
)
