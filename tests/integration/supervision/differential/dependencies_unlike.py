"""Scenarios: the dependencies that the library sees in another way than systemd."""

from tests.integration.supervision.differential.dependencies import (
    NOTIFY,
    READY,
    SIMPLE,
    two,
)
from tests.integration.supervision.differential.scenario import Scenario, Unlike

ONESHOT = "Type=oneshot\nExecStart={peer}"


def comes_back(directive: str) -> Scenario:
    """Return a scenario in which the unit named by `a` is stopped and started again."""
    return Scenario(
        f"{directive}-back",
        {"a": f"{SIMPLE}\n{directive}={{b}}\nAfter={{b}}", "b": READY},
        (
            "start b",
            "until b running",
            "start a",
            "until a running",
            "stop b",
            "until a dead",
            "until b dead",
            "start b",
        ),
        {"a": "running stop-sigterm dead", "b": "start running stop-sigterm dead start running"},
        Unlike((directive, "A unit that stopped with"), {"a": "running stop-sigterm dead running"}),
    )


SCENARIOS = (
    comes_back("Requires"),
    comes_back("BindsTo"),
    comes_back("PartOf"),
    two(
        "requires-broken",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{NOTIFY} once:{{file}},exit:1 ready",
        "",
        "start failed start running",
        "until b failed",
        "start b",
        unlike=Unlike(("A unit that requires a broken unit",), {"a": "running"}),
    ),
    two(
        "requires-without-after",
        "ExecStart={peer} need:{file}\nRequires={b}",
        f"{NOTIFY} sleep:1.5 touch:{{file}} ready",
        "running failed",
        "start running",
        unlike=Unlike(("Requires",), {"a": "running"}),
    ),
    two(
        "requires-oneshot-again",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        "Type=oneshot\nExecStart=/bin/true",
        "running stop-sigterm dead running",
        "start dead start dead",
        "until a running",
        "stop a",
        "until a dead",
        "start a",
        unlike=Unlike(("RemainAfterExit",), {"b": "start dead"}),
    ),
    Scenario(
        "after-second-start",
        {
            "a": "ExecStart={peer} need:{file}.2 exit:0\nAfter={b}",
            "b": f"{ONESHOT} once:{{file}},exit:0 sleep:2.5 touch:{{file}}.2 exit:0",
        },
        ("start b", "until b dead", "start b", "start a"),
        {"a": "running dead", "b": "start dead start dead"},
        Unlike(("After",), {"a": "running failed"}),
    ),
    two(
        "requires-restarting",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{NOTIFY} once:{{file}},exit:1 ready\nRestart=on-failure",
        "",
        "start auto-restart start running",
        unlike=Unlike(("A unit that requires a broken unit",), {"a": "running"}),
    ),
    two(
        "requires-b-restarting",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{READY}\nRestart=on-failure",
        "running stop-sigterm dead running",
        "start running auto-restart start running",
        "until a running",
        "signal b KILL",
        unlike=Unlike(("When a unit restarts by itself",), {"a": "running"}),
    ),
    two(
        "stop-of-waiting",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{NOTIFY} sleep:3 ready",
        "",
        "start running",
        "until b start",
        "stop a",
    ),
    two(
        "stop-of-awaited",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{NOTIFY}",
        "",
        "start stop-sigterm dead",
        "until b start",
        "stop b",
    ),
    two(
        "wants-stop-of-awaited",
        f"{SIMPLE}\nWants={{b}}\nAfter={{b}}",
        f"{NOTIFY}",
        "running",
        "start stop-sigterm dead",
        "until b start",
        "stop b",
    ),
    two(
        "upholds-failing",
        f"{SIMPLE}\nUpholds={{b}}",
        f"{SIMPLE} exit:1\nStartLimitBurst=2\nRestartSec=20ms",
        "running",
        "running failed running failed",
    ),
    two(
        "on-failure-by-timeout",
        f"{NOTIFY}\nTimeoutStartSec=200ms\nOnFailure={{b}}",
        SIMPLE,
        "start stop-sigterm failed",
        "running",
    ),
    two(
        "on-failure-of-condition",
        f"{SIMPLE}\nExecCondition=/bin/false\nOnFailure={{b}}\nOnSuccess={{b}}",
        SIMPLE,
        "condition dead",
        "running",
    ),
    two(
        "conflicts-requires",
        f"{SIMPLE}\nConflicts={{b}}\nAfter={{b}}",
        f"{NOTIFY} on:TERM:sleep:0.3+exit:0 ready",
        "running stop-sigterm dead",
        "start running",
        "until a running",
        "start b",
    ),
    two(
        "part-of-restarting",
        f"{SIMPLE}\nPartOf={{b}}\nWants={{b}}\nAfter={{b}}",
        f"{READY}\nRestart=on-failure",
        "running stop-sigterm dead running",
        "start running auto-restart start running",
        "until a running",
        "signal b KILL",
        unlike=Unlike(("When a unit restarts by itself",), {"a": "running"}),
    ),
)
