"""Scenarios: requests that come while something else happens, and restarts of all types."""

from tests.integration.supervision.differential.scenario import BY_REQUEST, one

NOTIFY = "Type=notify\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"
WAIT = "{peer} sleep:60"
LIMITED = "RestartSec=20ms\nStartLimitBurst=2"
LOOP = f"Restart=on-failure\n{LIMITED}"
ON_SUCCESS = f"Restart=on-success\n{LIMITED}"

SCENARIOS = (
    one(
        "stop-in-condition",
        f"{SIMPLE}\nExecCondition={WAIT}",
        "condition stop-sigterm failed",
        "until a condition",
        "stop a",
        unlike=(BY_REQUEST, "condition stop-sigterm dead"),
    ),
    one(
        "stop-in-start-post",
        f"{SIMPLE}\nExecStartPost={WAIT}",
        "start-post stop-sigterm failed",
        "until a start-post",
        "stop a",
        unlike=(BY_REQUEST, "start-post stop-sigterm dead"),
    ),
    one(
        "stop-in-stop-post",
        f"{SIMPLE} exit:0\nExecStopPost=/bin/sleep 1.5",
        "running stop-post dead",
        "until a stop-post",
        "stop a",
    ),
    one(
        "start-in-stop-post",
        f"{SIMPLE} exit:0\nExecStopPost=/bin/sleep 1.5",
        "running stop-post dead running stop-post dead",
        "until a stop-post",
        "start a",
    ),
    one(
        "stop-in-start-always",
        f"{NOTIFY}\nRestart=always",
        "start stop-sigterm dead",
        "until a start",
        "stop a",
    ),
    one(
        "stop-in-pre-always",
        f"{SIMPLE}\nExecStartPre={WAIT}\nRestart=always",
        "start-pre stop-sigterm failed",
        "until a start-pre",
        "stop a",
        unlike=(BY_REQUEST, "start-pre stop-sigterm dead"),
    ),
    one(
        "stop-deaf-always",
        f"{NOTIFY} deaf:TERM ready\nRestart=always\nTimeoutStopSec=300ms",
        "start running stop-sigterm stop-sigkill failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm stop-sigkill dead"),
    ),
    one(
        "stop-while-stopping",
        f"{NOTIFY} ready say:STOPPING=1\nTimeoutStopSec=1",
        "start running stop-sigterm stop-sigkill failed",
        "until a stop-sigterm",
        "stop a",
        unlike=(BY_REQUEST, "start running stop-sigterm stop-sigkill dead"),
    ),
    one(
        "remains-in-start-post",
        f"{SIMPLE} exit:0\nRemainAfterExit=yes\nExecStartPost=/bin/sleep 1.5",
        "start-post exited",
    ),
    one(
        "remains-with-stop-command",
        f"{SIMPLE} exit:0\nRemainAfterExit=yes\nExecStop=/bin/true\nExecStopPost=/bin/true",
        "running exited stop stop-post dead",
        "until a exited",
        "stop a",
    ),
    one(
        "remains-restarted",
        f"{SIMPLE} exit:0\nRemainAfterExit=yes",
        "running exited dead running exited",
        "until a exited",
        "restart a",
    ),
    one(
        "remains-started",
        f"{SIMPLE} exit:0\nRemainAfterExit=yes",
        "running exited",
        "until a exited",
        "start a",
    ),
    one(
        "reset-in-delay",
        f"{SIMPLE} exit:1\nRestart=always\nRestartSec=60",
        "running auto-restart dead",
        "until a auto-restart",
        "reset-failed a",
        "stop a",
    ),
    one(
        "ready-before-start",
        f"{NOTIFY}\nExecStartPre={{peer}} ready exit:0\nNotifyAccess=all\nTimeoutStartSec=500ms",
        "start-pre start stop-sigterm failed",
    ),
    one(
        "ready-twice",
        f"{NOTIFY} ready ready",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one("reloading-before-ready", f"{NOTIFY} reload ready sleep:0.3 exit:0", "start running dead"),
    one(
        "main-pid-killed",
        f"{NOTIFY} main-child:sleep:60",
        "start running failed",
        "until a running",
        "signal a KILL",
    ),
    one(
        "restart-of-start-post",
        f"{SIMPLE} sleep:0.5 exit:1\nExecStartPost=/bin/true\n{LOOP}",
        "start-post running auto-restart start-post running auto-restart failed",
    ),
    one(
        "runtime-restarts",
        f"{SIMPLE}\nRuntimeMaxSec=200ms\n{LOOP}",
        "running stop-sigterm auto-restart running stop-sigterm auto-restart failed",
    ),
    one(
        "success-restarts",
        f"{SIMPLE} exit:3\nSuccessExitStatus=3\n{ON_SUCCESS}",
        "running auto-restart running auto-restart failed",
    ),
    one(
        "oneshot-restarts",
        f"Type=oneshot\n{SIMPLE} exit:1\n{LOOP}",
        "start auto-restart start auto-restart failed",
    ),
    one(
        "exec-restarts",
        f"Type=exec\n{SIMPLE} sleep:0.1 exit:1\n{LOOP}",
        "start running auto-restart start running auto-restart failed",
    ),
    one(
        "no-folder-restarts",
        f"{SIMPLE}\nWorkingDirectory=/nowhere\n{LOOP}",
        "running auto-restart running auto-restart failed",
    ),
)
