"""After= and Requires= between real processes."""

import os
import signal

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify RestartSec=10ms"


def spawned(rig: Rig) -> list[str]:
    """Return the programs in the order they were started."""
    return [line.split("'")[1] for line in rig.log().splitlines() if "spawned: " in line]


def test_after_orders_the_start_whatever_the_priority(rig: Rig) -> None:
    rig.start(
        program("first", f"{WORKER} --delay 0.3", NOTIFY, "priority = 999"),
        program("second", WORKER, f"{NOTIFY} After=first", "priority = 1"),
    )
    assert rig.until_state("second", "waiting").reason == "after first, which is activating"
    rig.until_state("second", "active")
    assert spawned(rig) == ["first", "second"]


def test_after_does_not_wait_for_ever_for_what_fails(rig: Rig) -> None:
    rig.start(
        program("first", f"{WORKER} --silent --once 1", "Type=notify StartLimitBurst=1"),
        program("second", WORKER, f"{NOTIFY} After=first"),
    )
    rig.until_state("second", "active")
    assert not rig.health()["first"].is_ready


def test_requires_waits_for_success_and_comes_by_itself_when_it_is_there(rig: Rig) -> None:
    flag = rig.folder / "flag"
    oneshot = "Type=oneshot RestartSec=50ms StartLimitBurst=0"
    rig.start(
        program("provision", f"/bin/sh -c 'test -e {flag}'", oneshot),
        program("bridge", WORKER, f"{NOTIFY} Requires=provision"),
    )
    rig.until(lambda: rig.health()["provision"].restarts >= 2)
    row = rig.health()["bridge"]
    assert (row.state, row.pid) == ("waiting", None)
    flag.touch()
    rig.until_state("bridge", "active")
    assert rig.health()["provision"].state == "exited"


def test_a_stop_and_a_start_of_what_is_required_take_the_dependents_along(rig: Rig) -> None:
    rig.start(
        program("base", WORKER, NOTIFY),
        program("middle", WORKER, f"{NOTIFY} Requires=base"),
        program("top", WORKER, f"{NOTIFY} Requires=middle"),
        program("other", WORKER, f"{NOTIFY} After=base"),
    )
    rig.until_state("top", "active")
    before = rig.pids()
    rig.rpc("supervisor.stopProcess", "base")
    rig.until_state("middle", "waiting")
    rig.until_state("top", "waiting")
    rig.rpc("supervisor.startProcess", "base")
    rig.until_other_pid("top", before["top"])
    assert rig.health()["middle"].is_ready
    assert rig.pids()["other"] == before["other"]


def test_a_crash_of_what_is_required_leaves_the_dependents_alone(rig: Rig) -> None:
    rig.start(program("base", WORKER, NOTIFY), program("top", WORKER, f"{NOTIFY} Requires=base"))
    before = rig.until_state("top", "active").pid
    base = rig.pids()["base"]
    assert base is not None
    os.kill(base, signal.SIGKILL)
    rig.until_other_pid("base", base)
    assert rig.pids()["top"] == before


def test_a_start_on_request_starts_what_is_required_too(rig: Rig) -> None:
    rig.start(
        program("base", f"{WORKER} --delay 0.3", NOTIFY, "autostart = false"),
        program("top", WORKER, f"{NOTIFY} Requires=base", "autostart = false"),
    )
    outcome = rig.ctl("start", "top")
    assert (outcome.returncode, outcome.stdout) == (0, "top: started\n")
    assert rig.health()["base"].is_ready


def test_a_start_on_request_fails_with_what_it_requires(rig: Rig) -> None:
    rig.start(
        program("base", f"{WORKER} --silent --once 78", "Type=notify RestartPreventExitStatus=78"),
        program("top", WORKER, f"{NOTIFY} Requires=base", "autostart = false"),
    )
    rig.until_state("base", "failed")
    assert rig.ctl("start", "top").returncode == 7
    assert "requires base, which is failed" in rig.ctl("status", "top").stdout


def test_a_start_of_everything_waits_for_what_waits(rig: Rig) -> None:
    rig.start(
        program("base", f"{WORKER} --delay 0.3", NOTIFY, "priority = 9"),
        program("top", WORKER, f"{NOTIFY} Requires=base", "priority = 1"),
    )
    rig.until_state("top", "active")
    outcome = rig.ctl("restart", "all")
    assert outcome.returncode == 0
    assert outcome.stdout.splitlines()[-2:] == ["base: started", "top: started"]


def test_a_stop_calls_off_a_start_that_waits(rig: Rig) -> None:
    rig.start(
        program("base", f"{WORKER} --silent", NOTIFY),
        program("top", WORKER, f"{NOTIFY} Requires=base"),
    )
    rig.until_state("top", "waiting")
    assert rig.ctl("status", "top").stdout.split()[1] == "STARTING"
    assert rig.ctl("stop", "top").stdout == "top: stopped\n"
    assert rig.health()["top"].state == "inactive"


def test_on_failure_starts_a_unit_that_knows_what_has_failed(rig: Rig) -> None:
    rig.start(
        program("broken", "/bin/sh -c 'exit 3'", "Restart=no OnFailure=alarm"),
        program("alarm", "/usr/bin/env", "Type=oneshot", "autostart = false"),
    )
    rig.until_state("alarm", "exited")
    variables = dict(line.split("=", 1) for line in rig.log("alarm").splitlines() if "=" in line)
    assert variables["MONITOR_UNIT"] == "broken"
    assert variables["MONITOR_EXIT_STATUS"] == "3"


def test_a_unit_that_is_bound_follows_a_crash(rig: Rig) -> None:
    rig.start(
        program("base", WORKER, "Type=notify RestartSec=300ms Restart=always"),
        program("top", WORKER, f"{NOTIFY} BindsTo=base"),
    )
    before = rig.until_state("top", "active").pid
    os.kill(rig.pids()["base"] or 0, signal.SIGKILL)
    rig.until_state("top", "waiting")
    rig.until_other_pid("top", before)
