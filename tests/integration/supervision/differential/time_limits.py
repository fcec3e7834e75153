"""Scenarios: time-outs of starts, stops and runs, watchdogs, and what a process says about them."""

from tests.integration.supervision.differential.scenario import BY_REQUEST, one

NOTIFY = "Type=notify\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"
LATE = "TimeoutStartSec=300ms"
LATER = "TimeoutStartSec=1500ms"  # the process needs time to become deaf
ABORT = "TimeoutStartFailureMode=abort"
DEAF = "TimeoutStopSec=300ms"

SCENARIOS = (
    one("start-late", f"{NOTIFY}\n{LATE}", "start stop-sigterm failed"),
    one(
        "start-late-deaf",
        f"{NOTIFY} deaf:TERM\n{LATER}\n{DEAF}",
        "start stop-sigterm stop-sigkill failed",
    ),
    one(
        "start-late-abort",
        f"{NOTIFY}\n{LATE}\nTimeoutStartFailureMode=abort",
        "start stop-watchdog failed",
    ),
    one(
        "start-late-kill",
        f"{NOTIFY}\n{LATE}\nTimeoutStartFailureMode=kill",
        "start stop-sigkill failed",
    ),
    one(
        "start-late-abort-deaf",
        f"{NOTIFY} deaf:ABRT\n{LATER}\n{DEAF}\n{ABORT}\nTimeoutAbortSec=200ms",
        "start stop-watchdog stop-sigkill failed",
    ),
    one("oneshot-late", f"Type=oneshot\n{SIMPLE}\n{LATE}", "start stop-sigterm failed"),
    one(
        "start-extended",
        f"{NOTIFY} say:EXTEND_TIMEOUT_USEC=9000000 sleep:2.5 ready\nTimeoutStartSec=2",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "start-extended-late",
        f"{NOTIFY} say:EXTEND_TIMEOUT_USEC=1200000 sleep:9\nTimeoutStartSec=1",
        "start stop-sigterm failed",
    ),
    one(
        "stop-deaf",
        f"{NOTIFY} deaf:TERM ready\n{DEAF}",
        "start running stop-sigterm stop-sigkill failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm stop-sigkill dead"),
    ),
    one(
        "stop-deaf-abort",
        f"{NOTIFY} deaf:TERM ready\n{DEAF}\nTimeoutStopFailureMode=abort",
        "start running stop-sigterm stop-watchdog failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm stop-watchdog dead"),
    ),
    one(
        "stop-deaf-kill",
        f"{NOTIFY} deaf:TERM ready\n{DEAF}\nTimeoutStopFailureMode=kill",
        "start running stop-sigterm stop-sigkill failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm stop-sigkill dead"),
    ),
    one(
        "stop-extended",
        f"{NOTIFY} on:TERM:say:EXTEND_TIMEOUT_USEC=9000000+sleep:2+exit:0 ready\nTimeoutStopSec=1",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "stop-exit-1",
        f"{NOTIFY} on:TERM:exit:1 ready",
        "start running stop-sigterm failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm dead"),
    ),
    one(
        "stop-exit-0",
        f"{NOTIFY} on:TERM:exit:0 ready",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "stop-signal",
        f"{NOTIFY} on:USR1:exit:0 deaf:TERM ready\nKillSignal=SIGUSR1",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "stopping-late",
        f"{NOTIFY} deaf:TERM ready say:STOPPING=1\n{DEAF}",
        "start running stop-sigterm stop-sigkill failed",
    ),
    one(
        "start-late-watchdog-signal",
        f"{NOTIFY} on:USR2:exit:0 deaf:ABRT\n{LATER}\n{DEAF}\n{ABORT}\nWatchdogSignal=SIGUSR2",
        "start stop-watchdog failed",
    ),
    one(
        "stop-without-kill",
        f"{NOTIFY} deaf:TERM ready\n{DEAF}\nSendSIGKILL=no",
        "start running stop-sigterm final-sigterm failed",
        "until a running",
        "stop a",
        unlike=("SendSIGKILL", "start running stop-sigterm stop-sigkill"),
    ),
    one("watchdog", f"{NOTIFY} ready\nWatchdogSec=300ms", "start running stop-watchdog failed"),
    one(
        "watchdog-deaf",
        f"{NOTIFY} deaf:ABRT ready\nWatchdogSec=300ms\nTimeoutAbortSec=200ms",
        "start running stop-watchdog stop-sigkill failed",
    ),
    one("watchdog-fed", f"{NOTIFY} ready beat:2 exit:0\nWatchdogSec=1500ms", "start running dead"),
    one(
        "watchdog-trigger",
        f"{NOTIFY} ready say:WATCHDOG=trigger\nWatchdogSec=30",
        "start running stop-watchdog failed",
    ),
    one(
        "watchdog-trigger-unwatched",
        f"{NOTIFY} ready say:WATCHDOG=trigger",
        "start running stop-watchdog failed",
    ),
    one(
        "watchdog-trigger-in-start", f"{NOTIFY} say:WATCHDOG=trigger", "start stop-watchdog failed"
    ),
    one(
        "watchdog-signal",
        f"{NOTIFY} on:USR2:exit:0 ready\nWatchdogSec=300ms\nWatchdogSignal=SIGUSR2",
        "start running stop-watchdog failed",
    ),
    one(
        "watchdog-shortened",
        f"{NOTIFY} ready say:WATCHDOG_USEC=300000\nWatchdogSec=30",
        "start running stop-watchdog failed",
    ),
    one(
        "watchdog-begun",
        f"{NOTIFY} ready say:WATCHDOG_USEC=300000",
        "start running stop-watchdog failed",
    ),
    one("watchdog-of-simple", f"{SIMPLE}\nWatchdogSec=300ms", "running stop-watchdog failed"),
    one("runtime", f"{SIMPLE}\nRuntimeMaxSec=300ms", "running stop-sigterm failed"),
    one(
        "runtime-deaf",
        f"{NOTIFY} deaf:TERM ready\nRuntimeMaxSec=300ms\n{DEAF}",
        "start running stop-sigterm stop-sigkill failed",
    ),
    one(
        "runtime-extended",
        f"{NOTIFY} ready say:EXTEND_TIMEOUT_USEC=9000000 sleep:1.5 exit:0\nRuntimeMaxSec=1",
        "start running dead",
    ),
)
