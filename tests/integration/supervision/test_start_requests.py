"""`supervisorctl start`: jobs as systemd defines them."""

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify RestartSec=10ms"
IDLE = "autostart = false"


def test_a_start_of_a_waiting_unit_starts_what_it_requires(rig: Rig) -> None:
    rig.start(
        program("base", WORKER, NOTIFY),
        program("top", WORKER, f"{NOTIFY} Requires=base"),
    )
    rig.until_state("top", "active")
    rig.rpc("supervisor.stopProcess", "base")
    rig.until_state("top", "waiting")
    outcome = rig.ctl("start", "top")
    assert (outcome.returncode, outcome.stdout) == (0, "top: started\n")
    assert {row.state for row in rig.health().values()} == {"active"}


def test_a_start_of_a_unit_in_back_off_starts_it_now(rig: Rig) -> None:
    flag = rig.folder / "flag"
    command = f"/bin/sh -c 'test -e {flag} && exec {WORKER}'"
    rig.start(
        "[group:all]\nprograms = a,b\n",
        program("a", command, "Type=notify Restart=always RestartSec=60"),
        program("b", WORKER, NOTIFY, IDLE),
    )
    rig.until_state("all:a", "auto-restart")
    outcome = rig.ctl("start", "all:a")
    assert outcome.returncode == 7
    assert outcome.stdout == "all:a: ERROR (exit status 1; restart in 60 s)\n"
    flag.touch()
    outcome = rig.ctl("start", "all:*")
    assert outcome.returncode == 0
    assert set(outcome.stdout.splitlines()) == {"all:a: started", "all:b: started"}
    assert {row.state for row in rig.health().values()} == {"active"}


def test_a_start_that_cannot_happen_says_why(rig: Rig) -> None:
    rig.start(
        program("broken", "/bin/false", "Type=oneshot Restart=no"),
        program("top", WORKER, f"{NOTIFY} Requires=broken"),
        program("limited", "/bin/false", "Restart=no StartLimitBurst=1"),
        program("absent", "no-such-program", ""),
        program("text", "/etc/passwd", ""),
    )
    rig.until_state("broken", "failed")
    outcome = rig.ctl("start", "top")
    assert outcome.returncode == 7
    assert outcome.stdout == "top: ERROR (requires broken, which is failed)\n"
    outcome = rig.ctl("start", "limited")
    assert outcome.returncode == 7
    assert outcome.stdout.startswith("limited: ERROR (start limit: 1 starts in 10 s")
    expected = "absent: ERROR (can't find command 'no-such-program')\n"
    assert rig.ctl("start", "absent").stdout == expected
    expected = "text: ERROR (command at '/etc/passwd' is not executable)\n"
    assert rig.ctl("start", "text").stdout == expected


def test_a_start_of_a_unit_that_runs_changes_nothing(rig: Rig) -> None:
    rig.start(program("led", WORKER, NOTIFY))
    pid = rig.until_state("led", "active").pid
    outcome = rig.ctl("start", "led")
    assert (outcome.returncode, outcome.stdout) == (0, "led: ERROR (already started)\n")
    assert rig.pids()["led"] == pid


def test_a_start_of_a_unit_that_is_stopping_follows_the_stop(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --deaf", NOTIFY, "stopwaitsecs = 1"))
    pid = rig.until_state("led", "active").pid
    rig.rpc("supervisor.stopProcess", "led", False)
    assert rig.ctl("start", "led").returncode == 0
    row = rig.health()["led"]
    assert (row.state, row.pid != pid) == ("active", True)


def test_a_stop_calls_off_the_start_that_would_follow_a_stop(rig: Rig) -> None:
    rig.start(
        program("base", f"{WORKER} --slow-stop 0.3", NOTIFY),
        program("top", f"{WORKER} --slow-stop 0.3", f"{NOTIFY} Requires=base"),
    )
    rig.until_state("top", "active")
    rig.rpc("supervisor.stopProcess", "base", False)
    rig.until_state("top", "deactivating")
    rig.rpc("supervisor.stopProcess", "top")
    rig.rpc("supervisor.startProcess", "base")
    assert rig.health()["top"].state == "inactive"
    rig.rpc("supervisor.stopProcess", "base", False)
    rig.until_state("base", "deactivating")
    rig.rpc("supervisor.startProcess", "base", False)
    rig.rpc("supervisor.stopAllProcesses")
    assert {row.state for row in rig.health().values()} == {"inactive"}


def test_a_stop_during_the_last_command_calls_off_the_restart(rig: Rig) -> None:
    unit = "Restart=always RestartSec=10ms 'ExecStopPost=/bin/sleep 0.5'"
    rig.start(program("led", "/bin/false", unit))
    rig.until(lambda: "spawned: 'led/stop-post'" in rig.log())
    rig.rpc("supervisor.stopProcess", "led")
    assert rig.health()["led"].state == "inactive"
    assert rig.log().count("spawned: 'led' ") == 1
