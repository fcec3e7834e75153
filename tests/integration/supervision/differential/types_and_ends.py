"""Scenarios: the types of units, and how a run ends by itself."""

from tests.integration.supervision.differential.scenario import one

NOTIFY = "Type=notify\nExecStart={peer}"
ONESHOT = "Type=oneshot\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"

SCENARIOS = (
    one("simple", SIMPLE, "running stop-sigterm dead", "until a running", "stop a"),
    one("simple-exit-0", f"{SIMPLE} exit:0", "running dead"),
    one("simple-exit-1", f"{SIMPLE} exit:1", "running failed"),
    one("simple-killed", f"{SIMPLE} die:KILL", "running failed"),
    one("simple-hangup", f"{SIMPLE} die:HUP", "running dead"),
    one("simple-segv", f"{SIMPLE} die:SEGV", "running failed"),
    one("simple-remains", f"{SIMPLE} exit:0\nRemainAfterExit=yes", "running exited"),
    one(
        "simple-remains-fails",
        f"{SIMPLE} exit:1\nRemainAfterExit=yes",
        "running failed",
    ),
    one(
        "simple-no-program",
        "ExecStart=/usr/bin/env false\nWorkingDirectory=/nowhere",
        "running failed",
    ),
    one(
        "exec",
        f"Type=exec\n{SIMPLE}",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "exec-no-folder",
        "Type=exec\nExecStart=/bin/true\nWorkingDirectory=/nowhere",
        "start failed",
    ),
    one("exec-exit-1", f"Type=exec\n{SIMPLE} sleep:0.3 exit:1", "start running failed"),
    one(
        "notify", f"{NOTIFY} ready", "start running stop-sigterm dead", "until a running", "stop a"
    ),
    one("notify-exit-0", f"{NOTIFY} exit:0", "start failed"),
    one("notify-exit-1", f"{NOTIFY} exit:1", "start failed"),
    one("notify-killed", f"{NOTIFY} die:KILL", "start failed"),
    one("notify-ready-exit-0", f"{NOTIFY} ready exit:0", "start running dead"),
    one("notify-ready-exit-1", f"{NOTIFY} ready exit:1", "start running failed"),
    one(
        "notify-stopping",
        f"{NOTIFY} ready say:STOPPING=1 sleep:0.2 exit:0",
        "start running stop-sigterm dead",
    ),
    one(
        "notify-stopping-fails",
        f"{NOTIFY} ready say:STOPPING=1 sleep:0.2 exit:1",
        "start running stop-sigterm failed",
    ),
    one(
        "notify-reloading",
        f"{NOTIFY} ready reload sleep:0.2 ready",
        "start running reload running stop-sigterm dead",
        "until a running 2",
        "stop a",
    ),
    one(
        "notify-reload-fails",
        f"{NOTIFY} ready reload sleep:0.2 exit:1",
        "start running reload failed",
    ),
    one("oneshot", f"{ONESHOT} exit:0", "start dead"),
    one("oneshot-exit-1", f"{ONESHOT} exit:1", "start failed"),
    one("oneshot-terminated", f"{ONESHOT} die:TERM", "start failed"),
    one(
        "oneshot-remains",
        f"{ONESHOT} exit:0\nRemainAfterExit=yes",
        "start exited dead",
        "until a exited",
        "stop a",
    ),
    one("oneshot-remains-fails", f"{ONESHOT} exit:1\nRemainAfterExit=yes", "start failed"),
    one("oneshot-again", f"{ONESHOT} exit:0", "start dead start dead", "until a dead", "start a"),
    one("success-status", f"{SIMPLE} exit:3\nSuccessExitStatus=3 TEMPFAIL", "running dead"),
    one("success-name", f"{SIMPLE} exit:75\nSuccessExitStatus=3 TEMPFAIL", "running dead"),
    one("success-signal", f"{SIMPLE} die:USR1\nSuccessExitStatus=SIGUSR1", "running dead"),
)
