"""Scenarios: children, who may notify, and stops while a unit starts."""

from tests.integration.supervision.differential.scenario import BY_REQUEST, SAME_PHASE, one

NOTIFY = "Type=notify\nExecStart={peer}"
SIMPLE = "ExecStart={peer}"
SLOW_CHILD = "child:on:TERM:sleep:0.3+exit:0 sleep:0.5"
LAST = "on:ABRT:sleep:0.3+exit:1"  # the main process ends after its children
DEAF = "TimeoutStopSec=300ms"

SCENARIOS = (
    one("child-left", f"{SIMPLE} {SLOW_CHILD} exit:0", "running stop-sigterm dead"),
    one("child-left-fails", f"{SIMPLE} {SLOW_CHILD} exit:1", "running stop-sigterm failed"),
    one(
        "child-left-deaf",
        f"{SIMPLE} child:deaf:TERM,sleep:60 sleep:0.5 exit:0\n{DEAF}",
        "running stop-sigterm stop-sigkill failed",
    ),
    one("child-left-process", f"{SIMPLE} child:sleep:1 exit:0\nKillMode=process", "running dead"),
    one(
        "child-left-mixed",
        f"{SIMPLE} child:deaf:TERM,sleep:60 sleep:0.5 exit:0\nKillMode=mixed",
        "running stop-sigkill dead",
        unlike=(SAME_PHASE, "running stop-sigterm dead"),
    ),
    one(
        "stop-mixed",
        f"{NOTIFY} child:deaf:TERM,sleep:60 ready\nKillMode=mixed",
        "start running stop-sigterm final-sigkill dead",
        "until a running",
        "stop a",
        unlike=(SAME_PHASE, "start running stop-sigterm dead"),
    ),
    one(
        "stop-with-deaf-child",
        f"{NOTIFY} child:deaf:TERM,sleep:60 sleep:0.5 ready\n{DEAF}",
        "start running stop-sigterm final-sigterm final-sigkill failed",
        "until a running",
        "stop a",
        unlike=(SAME_PHASE, "start running stop-sigterm stop-sigkill dead"),
    ),
    one(
        "child-says-ready",
        f"{NOTIFY} child:ready,exit:0\nTimeoutStartSec=500ms",
        "start stop-sigterm failed",
    ),
    one(
        "child-says-ready-all",
        f"{NOTIFY} child:ready,exit:0\nNotifyAccess=all",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "child-says-ready-exec",
        f"{NOTIFY} child:ready,exit:0\nNotifyAccess=exec\nTimeoutStartSec=500ms",
        "start stop-sigterm failed",
    ),
    one(
        "child-feeds-watchdog",
        f"{NOTIFY} child:beat:9 {LAST} ready\nWatchdogSec=400ms",
        "start running stop-watchdog failed",
    ),
    one(
        "watchdog-with-deaf-child",
        f"{NOTIFY} child:deaf:TERM,sleep:60 {LAST} ready\nWatchdogSec=400ms\nTimeoutStopSec=1",
        "start running stop-watchdog failed",
        unlike=("WatchdogSignal", "start running stop-watchdog stop-sigkill failed"),
    ),
    one(
        "nobody-notifies",
        f"{SIMPLE} sleep:60\nNotifyAccess=none",
        "running stop-sigterm dead",
        "until a running",
        "stop a",
    ),
    one(
        "simple-notifies",
        f"{SIMPLE} say:STOPPING=1 sleep:0.5 exit:0\nNotifyAccess=main",
        "running stop-sigterm dead",
    ),
    one("main-pid", f"{NOTIFY} main-child:sleep:0.3,exit:0", "start running dead"),
    one("main-pid-fails", f"{NOTIFY} main-child:sleep:0.3,exit:1", "start running failed"),
    one("stop-in-start", NOTIFY, "start stop-sigterm dead", "until a start", "stop a"),
    one(
        "stop-in-oneshot",
        f"Type=oneshot\n{SIMPLE}",
        "start stop-sigterm failed",
        "until a start",
        "stop a",
        unlike=(BY_REQUEST, "start stop-sigterm dead"),
    ),
    one(
        "restart-in-start",
        NOTIFY,
        "start stop-sigterm dead start stop-sigterm dead",
        "until a start",
        "restart a",
        "until a start 2",
        "stop a",
    ),
    one(
        "start-in-stop",
        f"{NOTIFY} on:TERM:sleep:0.5+exit:0 ready",
        "start running stop-sigterm dead start running stop-sigterm dead",
        "until a running",
        "stop a",
        "until a stop-sigterm",
        "start a",
        "until a running 2",
        "stop a",
    ),
    one(
        "stop-twice",
        f"{NOTIFY} on:TERM:sleep:0.4+exit:0 ready",
        "start running stop-sigterm dead",
        "until a running",
        "stop a",
        "until a stop-sigterm",
        "stop a",
    ),
    one("start-of-running", f"{NOTIFY} ready", "start running", "until a running", "start a"),
    one(
        "start-of-failed",
        f"{SIMPLE} exit:1",
        "running failed running failed",
        "until a failed",
        "start a",
    ),
    one(
        "remains-with-child",
        f"{SIMPLE} {SLOW_CHILD} exit:0\nRemainAfterExit=yes",
        "running exited",
        unlike=("RemainAfterExit", "running stop-sigterm exited"),
    ),
    one(
        "oneshot-child-left",
        f"Type=oneshot\n{SIMPLE} {SLOW_CHILD} exit:0",
        "start stop-sigterm dead",
    ),
    one(
        "oneshot-child-left-post",
        f"Type=oneshot\n{SIMPLE} {SLOW_CHILD} exit:0\nExecStartPost=/bin/true",
        "start start-post stop-sigterm dead",
    ),
    one(
        "oneshot-child-left-remains",
        f"Type=oneshot\n{SIMPLE} {SLOW_CHILD} exit:0\nExecStartPost=/bin/true\nRemainAfterExit=yes",
        "start start-post exited",
        unlike=("RemainAfterExit", "start start-post stop-sigterm exited"),
    ),
    one(
        "post-child-left",
        f"{SIMPLE} {SLOW_CHILD} exit:0\nExecStartPost=/bin/sleep 2",
        "start-post stop-sigterm dead",
    ),
    one(
        "stop-command-child-left",
        f"{SIMPLE} {SLOW_CHILD} exit:0\nExecStop=/bin/true",
        "running stop stop-sigterm dead",
    ),
    one(
        "notify-child-left-exit-0",
        f"{NOTIFY} {SLOW_CHILD} exit:0",
        "start stop-sigterm failed",
    ),
)
