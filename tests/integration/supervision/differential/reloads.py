"""Scenarios: reloads by a signal and by a command."""

from tests.integration.supervision.differential.scenario import BY_REQUEST, one

NOTIFY = "Type=notify\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"
WAIT = "{peer} sleep:60"
RELOADED = ("until a running", "reload a", "until a running 2", "stop a")

SCENARIOS = (
    one(
        "reload",
        "Type=notify-reload\nExecStart={peer} on:HUP:reload+sleep:0.1+ready ready",
        "start running reload-signal reload running stop-sigterm dead",
        "until a running",
        "reload a",
        "until a running 2",
        "stop a",
        since=253,
    ),
    one(
        "reload-mute",
        "Type=notify-reload\nExecStart={peer} on:HUP:sleep:0 ready\nTimeoutStartSec=1",
        "start running reload-signal running stop-sigterm dead",
        "until a running",
        "reload a",
        "until a running 2",
        "stop a",
        since=253,
    ),
    one(
        "exec-reload",
        f"{SIMPLE}\nExecReload=/bin/true",
        "running reload running stop-sigterm dead",
        *RELOADED,
    ),
    one(
        "exec-reload-fails",
        f"{SIMPLE}\nExecReload=/bin/false",
        "running reload running stop-sigterm dead",
        *RELOADED,
    ),
    one(
        "exec-reload-late",
        f"{SIMPLE}\nExecReload={WAIT}\nTimeoutStartSec=300ms",
        "running reload running",
        "until a running",
        "reload a",
    ),
    one(
        "exec-reload-main-ends",
        f"{SIMPLE}\nExecReload=/bin/sleep 4",
        "running reload failed",
        "until a running",
        "reload a",
        "until a reload",
        "signal a KILL",
    ),
    one(
        "exec-reload-stopped",
        f"{SIMPLE}\nExecReload={WAIT}",
        "running reload stop-sigterm failed",
        "until a running",
        "reload a",
        "until a reload",
        "stop a",
        unlike=(BY_REQUEST, "running reload stop-sigterm dead"),
    ),
)
