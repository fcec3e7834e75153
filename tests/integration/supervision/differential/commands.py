"""Scenarios: ExecCondition, ExecStartPre and their siblings, and the `-` prefix."""

from tests.integration.supervision.differential.scenario import BY_REQUEST, one

NOTIFY = "Type=notify\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"
EXIT_1 = "{peer} exit:1"
TWICE = "RestartSec=20ms\nStartLimitBurst=2"
WAIT = "{peer} sleep:60"

SCENARIOS = (
    one(
        "condition",
        f"{SIMPLE}\nExecCondition=/bin/true",
        "condition running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one("condition-fails", f"{SIMPLE}\nExecCondition=/bin/false", "condition dead"),
    one("condition-255", f"{SIMPLE}\nExecCondition={{peer}} exit:255", "condition failed"),
    one("condition-killed", f"{SIMPLE}\nExecCondition={{peer}} die:KILL", "condition failed"),
    one(
        "condition-may-fail",
        f"{SIMPLE}\nExecCondition=-/bin/false",
        "condition running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "condition-restart", f"{SIMPLE}\nExecCondition=/bin/false\nRestart=always", "condition dead"
    ),
    one(
        "pre",
        f"{SIMPLE}\nExecStartPre=/bin/true\nExecStartPre=/bin/true",
        "start-pre running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one("pre-fails", f"{SIMPLE}\nExecStartPre=/bin/false", "start-pre failed"),
    one(
        "pre-may-fail",
        f"{SIMPLE}\nExecStartPre=-/bin/false",
        "start-pre running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "pre-late",
        f"{SIMPLE}\nExecStartPre={WAIT}\nTimeoutStartSec=300ms",
        "start-pre stop-sigterm failed",
    ),
    one(
        "pre-each-has-its-time",
        f"{SIMPLE}\nExecStartPre=/bin/sleep 2\nExecStartPre=/bin/sleep 2\nTimeoutStartSec=3500ms",
        "start-pre running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "pre-variable",
        f"{SIMPLE}\nEnvironment=CODE=3\nExecStartPre={{peer}} exit:${{{{CODE}}}}",
        "start-pre failed",
    ),
    one(
        "pre-variable-0",
        f"{SIMPLE}\nEnvironment=CODE=0\nExecStartPre={{peer}} exit:${{{{CODE}}}}",
        "start-pre running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "pre-stopped",
        f"{SIMPLE}\nExecStartPre={WAIT}",
        "start-pre stop-sigterm failed",
        "until a start-pre",
        "stop a",
        unlike=(BY_REQUEST, "start-pre stop-sigterm dead"),
    ),
    one(
        "pre-restarts",
        f"{SIMPLE}\nExecStartPre=/bin/false\nRestart=on-failure\nStartLimitBurst=2\nRestartSec=20ms",
        "start-pre auto-restart start-pre auto-restart failed",
    ),
    one(
        "pre-notify",
        f"{NOTIFY} ready\nExecStartPre=/bin/true",
        "start-pre start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "post",
        f"{SIMPLE}\nExecStartPost=/bin/true",
        "start-post running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one("post-fails", f"{SIMPLE}\nExecStartPost=/bin/false", "start-post stop-sigterm failed"),
    one(
        "post-may-fail",
        f"{SIMPLE}\nExecStartPost=-/bin/false",
        "start-post running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "post-late",
        f"{SIMPLE}\nExecStartPost={WAIT}\nTimeoutStartSec=300ms",
        "start-post stop-sigterm failed",
    ),
    one("post-main-ends", f"{SIMPLE} exit:0\nExecStartPost=/bin/sleep 1.5", "start-post dead"),
    one("post-main-fails", f"{SIMPLE} exit:1\nExecStartPost=/bin/sleep 1.5", "start-post failed"),
    one(
        "post-oneshot",
        "Type=oneshot\nExecStart=/bin/true\nExecStartPost=/bin/true",
        "start start-post dead",
    ),
    one(
        "stop-command",
        f"{SIMPLE}\nExecStop=/bin/true",
        "running stop stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "stop-command-fails",
        f"{SIMPLE}\nExecStop=/bin/false",
        "running stop stop-sigterm failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "running stop stop-sigterm dead"),
    ),
    one(
        "stop-command-late",
        f"{SIMPLE}\nExecStop={WAIT}\nTimeoutStopSec=300ms",
        "running stop stop-sigterm failed",
        "until a running",
        "stop a",
        unlike=(BY_REQUEST, "running stop stop-sigterm dead"),
    ),
    one("stop-command-at-exit", f"{SIMPLE} exit:0\nExecStop=/bin/true", "running stop dead"),
    one("stop-command-at-failure", f"{SIMPLE} exit:1\nExecStop=/bin/true", "running failed"),
    one(
        "stop-post",
        f"{SIMPLE}\nExecStopPost=/bin/true",
        "running stop-sigterm stop-post dead",
        "until a running",
        "stop a",
    ),
    one("stop-post-fails", f"{SIMPLE} exit:0\nExecStopPost=/bin/false", "running stop-post failed"),
    one(
        "stop-post-may-fail", f"{SIMPLE} exit:0\nExecStopPost=-/bin/false", "running stop-post dead"
    ),
    one(
        "stop-post-late",
        f"{SIMPLE} exit:0\nExecStopPost={WAIT}\nTimeoutStopSec=300ms",
        "running stop-post final-sigterm failed",
    ),
    one(
        "stop-post-after-pre",
        f"{SIMPLE}\nExecStartPre=/bin/false\nExecStopPost=/bin/true",
        "start-pre stop-post failed",
    ),
    one(
        "stop-post-restart",
        f"{SIMPLE} exit:1\nExecStopPost=/bin/true\nRestart=always\n{TWICE}",
        "running stop-post auto-restart running stop-post auto-restart failed",
    ),
    one(
        "stop-post-after-condition",
        f"{SIMPLE}\nExecCondition=/bin/false\nExecStopPost=/bin/true",
        "condition stop-post dead",
    ),
)
