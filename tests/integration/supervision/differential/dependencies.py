"""Scenarios: what the state of one unit means for another."""

from tests.integration.supervision.differential.scenario import Scenario, Unlike

SIMPLE = "ExecStart={peer}"
FAILS = "ExecStart={peer} exit:1"
NOTIFY = "Type=notify\nExecStart={peer}"
READY = f"{NOTIFY} ready"


def two(
    name: str,
    a: str,
    b: str,
    states_a: str,
    states_b: str,
    *actions: str,
    unlike: Unlike | None = None,
) -> Scenario:
    """Return a scenario of two units, of which `a` is started first."""
    units, states = {"a": a, "b": b}, {"a": states_a, "b": states_b}
    return Scenario(name, units, ("start a", *actions), states, unlike)


SCENARIOS = (
    two(
        "requires",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        READY,
        "running stop-sigterm dead",
        "start running stop-sigterm dead",
        "until a running",
        "stop b",
    ),
    two(
        "requires-failing",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        f"{NOTIFY} exit:1",
        "",
        "start failed",
    ),
    two(
        "requires-crash",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        READY,
        "running",
        "start running failed",
        "until a running",
        "signal b KILL",
    ),
    two(
        "requires-oneshot",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        "Type=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes",
        "running",
        "start exited",
        "until a running",
    ),
    two(
        "requires-restart",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        READY,
        "running stop-sigterm dead running",
        "start running stop-sigterm dead start running",
        "until a running",
        "restart b",
    ),
    two(
        "requires-stop-a",
        f"{SIMPLE}\nRequires={{b}}\nAfter={{b}}",
        READY,
        "running stop-sigterm dead",
        "start running",
        "until a running",
        "stop a",
    ),
    two(
        "wants",
        f"{SIMPLE}\nWants={{b}}\nAfter={{b}}",
        READY,
        "running",
        "start running stop-sigterm dead",
        "until a running",
        "stop b",
    ),
    two(
        "wants-failing",
        f"{SIMPLE}\nWants={{b}}\nAfter={{b}}",
        f"{NOTIFY} exit:1",
        "running",
        "start failed",
    ),
    two(
        "wants-crash",
        f"{SIMPLE}\nWants={{b}}",
        READY,
        "running",
        "start running failed",
        "until b running",
        "signal b KILL",
    ),
    two(
        "binds-to-crash",
        f"{SIMPLE}\nBindsTo={{b}}\nAfter={{b}}",
        READY,
        "running stop-sigterm dead",
        "start running failed",
        "until a running",
        "signal b KILL",
    ),
    two(
        "binds-to-exit",
        f"{SIMPLE}\nBindsTo={{b}}\nAfter={{b}}",
        f"{NOTIFY} on:USR1:exit:0 ready",
        "running stop-sigterm dead",
        "start running dead",
        "until a running",
        "signal b USR1",
    ),
    two(
        "binds-to-stop",
        f"{SIMPLE}\nBindsTo={{b}}\nAfter={{b}}",
        READY,
        "running stop-sigterm dead",
        "start running stop-sigterm dead",
        "until a running",
        "stop b",
    ),
    two(
        "part-of",
        f"{SIMPLE}\nPartOf={{b}}",
        READY,
        "running stop-sigterm dead",
        "start running stop-sigterm dead",
        "start b",
        "until a running",
        "until b running",
        "stop b",
    ),
    two(
        "part-of-restart",
        f"{SIMPLE}\nPartOf={{b}}",
        READY,
        "running stop-sigterm dead running",
        "start running stop-sigterm dead start running",
        "start b",
        "until a running",
        "until b running",
        "restart b",
    ),
    two(
        "part-of-crash",
        f"{SIMPLE}\nPartOf={{b}}",
        READY,
        "running",
        "start running failed",
        "start b",
        "until a running",
        "until b running",
        "signal b KILL",
    ),
)
