"""Who may notify, which process is the main one, and what outlives it."""

import os
import signal
import sys

import pytest

from tests.integration.supervision.rig import HERE, WORKER, Rig, program

pytestmark = pytest.mark.integration

SPEAKER = f"{sys.executable} -IS {HERE / 'speaking.py'}"
NOTIFY = "Type=notify RestartSec=10ms StartLimitBurst=100"


def speaker(action: str, unit: str = NOTIFY, *settings: str) -> str:
    return program("speaker", f"{SPEAKER} {action}", unit, *settings)


def test_only_the_main_process_may_notify(rig: Rig) -> None:
    rig.start(speaker("child_speaks"))
    pid = rig.pids()["speaker"]
    rig.until(lambda: f"only the main process {pid} may, with NotifyAccess=main" in rig.log())
    assert rig.health()["speaker"].state == "activating"


def test_every_process_may_notify_with_all(rig: Rig) -> None:
    rig.start(speaker("child_speaks", f"{NOTIFY} NotifyAccess=all"))
    rig.until_state("speaker", "active")


def test_a_daemon_that_forked_twice_may_notify_with_all(rig: Rig) -> None:
    rig.start(
        speaker("daemon_speaks", f"{NOTIFY} NotifyAccess=all"),
        program("other", "/bin/sleep 60", f"{NOTIFY} NotifyAccess=all"),
    )
    rig.until_state("speaker", "active")
    assert rig.health()["other"].state == "activating"


@pytest.mark.parametrize(("access", "status"), [("exec", "spoken"), ("main", "")])
def test_the_commands_of_a_unit_may_notify_with_exec(rig: Rig, access: str, status: str) -> None:
    command = f"ExecStartPost='{SPEAKER} say STATUS=spoken'"
    rig.start(program("speaker", "/bin/sleep 60", f"NotifyAccess={access} {command}"))
    rig.until_state("speaker", "active")
    rig.until(lambda: rig.health()["speaker"].status == status)
    assert ("only the main process" in rig.log()) == (access == "main")


def test_a_child_does_not_feed_the_watchdog_of_a_main_process_that_hangs(rig: Rig) -> None:
    rig.start(speaker("child_beats", f"{NOTIFY} WatchdogSec=400ms"))
    rig.until(lambda: rig.health()["speaker"].restarts > 0)
    assert "watchdog: no ping for 0.4 s" in rig.health()["speaker"].restart_reason


def test_a_unit_without_notifications_has_no_socket_and_no_one_to_hear(rig: Rig) -> None:
    print_it = "/bin/sh -c 'echo ${NOTIFY_SOCKET-unset}; sleep 60'"
    rig.start(program("quiet", print_it), speaker("child_speaks"))
    rig.until(lambda: rig.log("quiet") == "unset\n")


def test_the_watchdogs_variables_name_the_main_process(rig: Rig) -> None:
    unit = f"{NOTIFY} WatchdogSec=30 PassEnvironment=PATH"
    rig.start(speaker("environment", unit))
    row = rig.until_state("speaker", "active")
    assert row.status == f"{row.pid} 30000000"


def test_a_child_that_is_named_becomes_the_main_process(rig: Rig) -> None:
    """supervisord adopts it when its parent ends, and reaps it."""
    rig.start(speaker("hand_over"))
    rig.until(lambda: "has ended, the main process is" in rig.log())
    row = rig.health()["speaker"]
    assert (row.state, row.restarts) == ("active", 0)
    assert row.pid is not None
    os.kill(row.pid, signal.SIGKILL)
    rig.until(lambda: rig.health()["speaker"].restarts == 1)
    assert "killed by signal 9" in rig.health()["speaker"].restart_reason


def test_a_main_process_that_somebody_else_reaps_ends_its_unit(rig: Rig) -> None:
    rig.start(speaker("keep", f"{NOTIFY} Restart=no"))
    rig.until(lambda: "the main process is" in rig.log())
    row = rig.until_state("speaker", "active")
    assert row.pid is not None
    os.kill(row.pid, signal.SIGKILL)
    rig.until_state("speaker", "exited")


def test_a_named_main_process_is_stopped_with_its_unit(rig: Rig) -> None:
    rig.start(speaker("hand_over"))
    rig.until(lambda: "has ended, the main process is" in rig.log())
    pid = rig.pids()["speaker"]
    assert rig.ctl("stop", "speaker").returncode == 0
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_was_the_main_one_for_a_while_is_stopped_with_its_unit(rig: Rig) -> None:
    note = rig.folder / "pid"
    rig.start(speaker(f"replace {note}", f"{NOTIFY} NotifyAccess=all"))
    rig.until(lambda: "has ended, the main process is" in rig.log())
    assert rig.ctl("stop", "speaker").returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start programs as somebody else")
def test_only_root_names_a_process_of_nobody(rig: Rig) -> None:
    for folder in (rig.folder, *rig.folder.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o011)
    note = rig.folder / "pid"
    note.write_text(str(os.getpid()))
    note.chmod(0o644)
    command = f"/usr/bin/python3 -IS {rig.folder / 'speaking.py'} name {note}"
    (rig.folder / "speaking.py").write_text((HERE / "speaking.py").read_text())
    rig.start(program("thief", command, NOTIFY, "user = nobody"))
    pid = rig.until_state("thief", "active").pid
    assert f"MAINPID: {os.getpid()} is not a process of this unit" in rig.log()
    assert rig.pids()["thief"] == pid


def test_the_main_process_of_another_unit_is_not_taken(rig: Rig) -> None:
    note = rig.folder / "pid"
    note.write_text("1")
    rig.start(program("led", WORKER, NOTIFY))
    note.write_text(str(rig.until_state("led", "active").pid))
    rig.write(program("led", WORKER, NOTIFY), speaker(f"name {note}"))
    rig.ctl("update")
    rig.until_state("speaker", "active")
    rig.until(lambda: "is the main process of another unit" in rig.log())


def test_stored_descriptors_are_passed_to_the_next_process(rig: Rig) -> None:
    rig.start(speaker("store a b", f"{NOTIFY} FileDescriptorStoreMax=4"))
    pid = rig.until_state("speaker", "active").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    row = rig.until_other_pid("speaker", pid)
    assert row.status == "a:a-in:b:b-in a b"


def test_what_does_not_fit_into_the_store_is_named(rig: Rig) -> None:
    rig.start(speaker("store a", NOTIFY))
    rig.until_state("speaker", "active")
    rig.until(lambda: "FDSTORE: no room for 1, raise FileDescriptorStoreMax" in rig.log())


def test_a_descriptor_that_was_removed_or_whose_unit_was_stopped_is_gone(rig: Rig) -> None:
    unit = f"{NOTIFY} FileDescriptorStoreMax=4"
    rig.start(speaker("forget x", unit), program("kept", f"{SPEAKER} store a", unit))
    pid = rig.until_state("speaker", "active").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert rig.until_other_pid("speaker", pid).status == "passed none"
    rig.until_state("kept", "active")
    assert rig.ctl("restart", "kept").returncode == 0
    rig.until_state("kept", "active")
    assert rig.health()["kept"].status == ""


def test_a_worker_chooses_its_own_watchdog(rig: Rig) -> None:
    rig.start(speaker("shorten 300000", f"{NOTIFY} WatchdogSec=60"))
    rig.until(lambda: rig.health()["speaker"].restarts > 0)
    assert "watchdog: no ping for 0.3 s" in rig.health()["speaker"].restart_reason


def test_a_failure_names_the_errno_that_the_worker_gave(rig: Rig) -> None:
    rig.start(speaker("fail", f"{NOTIFY} Restart=no"))
    row = rig.until_state("speaker", "failed")
    assert row.reason == "exit status 1, ERRNO=13 (Permission denied)"
