"""Scenarios: after which ends a unit restarts, and how often."""

from tests.integration.supervision.differential.scenario import one

SIMPLE = "ExecStart={peer}"
TWICE = "StartLimitBurst=2\nRestartSec=50ms"
UNLIMITED = "StartLimitIntervalSec=0\nRestartSec=20ms"
SIX_FAILURES = " ".join(f"once:{{file}}.{number},exit:1" for number in range(6))
LOOP = "running auto-restart running auto-restart failed"
ENDS = {
    "exit-0": f"{SIMPLE} exit:0",
    "exit-1": f"{SIMPLE} exit:1",
    "hangup": f"{SIMPLE} die:HUP",
    "killed": f"{SIMPLE} die:KILL",
    "watchdog": f"Type=notify\n{SIMPLE} ready\nWatchdogSec=200ms",
    "late": f"Type=notify\n{SIMPLE}\nTimeoutStartSec=200ms",
}
FINAL = {"exit-0": "dead", "hangup": "dead"}
RESTARTED = {
    "on-success": ("exit-0", "hangup"),
    "on-failure": ("exit-1", "killed", "watchdog", "late"),
    "on-abnormal": ("killed", "watchdog", "late"),
    "on-watchdog": ("watchdog",),
    "on-abort": ("killed",),
    "always": tuple(ENDS),
}
RUNS = {
    "watchdog": "start running stop-watchdog",
    "late": "start stop-sigterm",
}


def _states(restart: str, end: str) -> str:
    run = RUNS.get(end, "running")
    if end in RESTARTED[restart]:
        return f"{run} auto-restart {run} auto-restart failed"
    return f"{run} {FINAL.get(end, 'failed')}"


SCENARIOS = (
    *(
        one(f"{restart}-{end}", f"{text}\nRestart={restart}\n{TWICE}", _states(restart, end))
        for restart in RESTARTED
        for end, text in ENDS.items()
    ),
    one(
        "prevented",
        f"{SIMPLE} exit:78\nRestart=always\nRestartPreventExitStatus=78",
        "running failed",
    ),
    one(
        "prevented-signal",
        f"{SIMPLE} die:KILL\nRestart=always\nRestartPreventExitStatus=SIGKILL",
        "running failed",
    ),
    one("forced", f"{SIMPLE} exit:3\nRestartForceExitStatus=3\n{TWICE}", LOOP),
    one(
        "limit",
        f"{SIMPLE} exit:1\nRestart=on-failure\nStartLimitBurst=3\nRestartSec=20ms",
        "running auto-restart running auto-restart running auto-restart failed",
    ),
    one(
        "limit-of-requests",
        f"{SIMPLE} exit:0\nStartLimitBurst=1",
        "running dead running dead",
        "until a dead",
        "start a",
        unlike=("A unit at rest keeps", "running dead failed"),
    ),
    one(
        "limit-holds",
        f"{SIMPLE} exit:1\nStartLimitBurst=1",
        "running failed",
        "until a failed",
        "start a",
    ),
    one(
        "limit-reset",
        f"{SIMPLE} exit:1\nStartLimitBurst=1",
        "running failed dead running failed",
        "until a failed",
        "reset-failed a",
        "until a dead",
        "start a",
    ),
    one(
        "limit-0",
        f"{SIMPLE} {SIX_FAILURES} exit:7\nRestart=always\nRestartPreventExitStatus=7\n{UNLIMITED}",
        "running auto-restart " * 6 + "running failed",
    ),
    one(
        "reset-failed",
        f"{SIMPLE} exit:1",
        "running failed dead",
        "until a failed",
        "reset-failed a",
    ),
    one(
        "stop-in-delay",
        f"{SIMPLE} exit:1\nRestart=always\nRestartSec=60",
        "running auto-restart dead",
        "until a auto-restart",
        "stop a",
    ),
    one(
        "start-in-delay",
        f"{SIMPLE} exit:1\nRestart=always\nRestartSec=60",
        "running auto-restart",
        "until a auto-restart",
        "start a",
        unlike=("A start on request does not wait", "running auto-restart running auto-restart"),
    ),
    one(
        "restart-in-delay",
        f"{SIMPLE} exit:1\nRestart=always\nRestartSec=60",
        "running auto-restart running auto-restart dead",
        "until a auto-restart",
        "restart a",
        "until a auto-restart 2",
        "stop a",
    ),
    one(
        "restart",
        SIMPLE,
        "running stop-sigterm dead running stop-sigterm dead",
        "until a running",
        "restart a",
        "until a running 2",
        "stop a",
    ),
    one(
        "restart-of-dead",
        SIMPLE,
        "running stop-sigterm dead running",
        "until a running",
        "stop a",
        "until a dead",
        "restart a",
    ),
    one(
        "stopped-is-not-restarted",
        f"{SIMPLE}\nRestart=always",
        "running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "killed-from-outside",
        f"{SIMPLE}\nRestart=on-failure\nRestartSec=20ms",
        "running auto-restart running stop-sigterm dead",
        "until a running",
        "signal a KILL",
        "until a running 2",
        "stop a",
    ),
)
