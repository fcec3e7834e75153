"""Nothing of a unit survives its crash or its stop: KillMode, and what finds its processes."""

import os
import signal
import sys
from pathlib import Path

import pytest

from hems.supervision.processes import process_tree
from tests.integration.supervision.rig import HERE, Rig, program

pytestmark = pytest.mark.integration

ONCE = "Restart=no TimeoutStopSec=5"


def family(rig: Rig, kinds: str, end: str, name: str = "w") -> str:
    return f"{sys.executable} -IS {HERE / 'family.py'} {rig.folder / name}.pids {kinds} {end}"


def members(rig: Rig, name: str = "w") -> list[int]:
    """Return the pids that the descendants of all runs have written."""
    files = rig.folder.glob(f"{name}.[0-9p]*")
    return [int(line) for file in files for line in file.read_text().split()]


def living(pids: list[int]) -> list[int]:
    by_pid = {pid: process_tree.stat(pid) for pid in pids}
    return [pid for pid, stat in by_pid.items() if stat and not stat.is_zombie]


def until_family(rig: Rig, size: int, name: str = "w") -> list[int]:
    rig.until(lambda: len(members(rig, name)) == size)
    return members(rig, name)


def test_five_crashes_leave_no_child(rig: Rig) -> None:
    unit = "RestartSec=10ms StartLimitBurst=5 Restart=on-failure"
    rig.start(program("w", family(rig, "child,group,session,bare-session,bare-daemon", "1"), unit))
    rig.until_state("w", "failed", 20)
    assert len(members(rig)) == 5 * 5
    assert living(members(rig)) == []


@pytest.mark.parametrize("kind", ["child", "group", "session", "daemon", "bare", "bare-session"])
def test_a_stop_ends_every_descendant(rig: Rig, kind: str) -> None:
    rig.start(program("w", family(rig, kind, "stay"), ONCE))
    until_family(rig, 1)
    rig.rpc("supervisor.stopProcess", "w")
    assert living(members(rig)) == []


def test_sigkill_of_the_main_process_ends_every_descendant(rig: Rig) -> None:
    rig.start(program("w", family(rig, "child,daemon,bare-session,bare-daemon", "stay"), ONCE))
    until_family(rig, 4)
    os.kill(rig.pids()["w"] or 0, signal.SIGKILL)
    rig.until_state("w", "failed")
    assert living(members(rig)) == []


def test_what_is_left_gets_the_stop_signal_and_time(rig: Rig) -> None:
    rig.start(program("w", family(rig, "polite", "0"), ONCE))
    rig.until_state("w", "exited")
    assert (rig.folder / "w.left").read_text().split() == [str(pid) for pid in members(rig)]


def test_what_ignores_the_stop_signal_is_killed_when_its_time_is_over(rig: Rig) -> None:
    rig.start(program("w", family(rig, "deaf", "0"), "Restart=no TimeoutStopSec=300ms"))
    row = rig.until_state("w", "deactivating")
    assert row.reason == "exit status 0; 1 other process is being ended"
    rig.until_state("w", "failed")  # by the time-out
    assert living(members(rig)) == []


def test_a_stop_waits_for_the_children_of_a_main_process_that_has_ended(rig: Rig) -> None:
    rig.start(program("w", family(rig, "deaf", "stay"), "Restart=no TimeoutStopSec=300ms"))
    until_family(rig, 1)
    rig.rpc("supervisor.stopProcess", "w")
    assert rig.health()["w"].state == "inactive"
    assert living(members(rig)) == []


def test_a_process_that_forks_for_ever_ends_with_its_unit(rig: Rig) -> None:
    rig.start(program("w", family(rig, "chain", "stay"), "Restart=no TimeoutStopSec=200ms"))
    rig.until_state("w", "active")
    rig.until(lambda: len(process_tree.children(rig.pid)) > 1)
    rig.rpc("supervisor.stopProcess", "w")
    assert living(process_tree.children(rig.pid)) == []


def test_mixed_kills_the_others_once_the_main_process_has_ended(rig: Rig) -> None:
    rig.start(program("w", family(rig, "polite", "stay"), f"{ONCE} KillMode=mixed"))
    until_family(rig, 1)
    rig.rpc("supervisor.stopProcess", "w")
    assert living(members(rig)) == []
    assert not (rig.folder / "w.left").exists()


def test_process_ends_the_main_process_only(rig: Rig) -> None:
    rig.start(program("w", family(rig, "child", "stay"), f"{ONCE} KillMode=process"))
    pids = until_family(rig, 1)
    rig.rpc("supervisor.stopProcess", "w")
    assert living(pids) == pids
    os.kill(pids[0], signal.SIGKILL)


def test_the_processes_of_another_unit_are_left_alone(rig: Rig) -> None:
    rig.start(
        program("w", family(rig, "daemon,child", "1"), ONCE),
        program("other", family(rig, "daemon,session,bare-session", "stay", "other"), ONCE),
    )
    others = until_family(rig, 3, "other")
    rig.until_state("w", "failed")
    assert living(members(rig)) == []
    assert living(others) == others


def test_kill_signal_and_hangup(rig: Rig) -> None:
    code = (
        "import os, signal, time; "
        "[signal.signal(n, lambda n, _: os.write(1, b'%d\\n' % n)) "
        "for n in (signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM)]; print('up', flush=True); "
        "[time.sleep(1) for _ in range(60)]"
    )
    unit = f"{ONCE} KillSignal=SIGUSR1 SendSIGHUP=yes FinalKillSignal=SIGQUIT TimeoutStopSec=700ms"
    (rig.folder / "said.py").write_text(code)
    command = f"{sys.executable} -IS {rig.folder / 'said.py'}"
    rig.start(program("w", command, unit.replace("TimeoutStopSec=5 ", "")))
    rig.until(lambda: "up" in rig.log("w"))
    rig.rpc("supervisor.stopProcess", "w")
    assert set(rig.log("w").split()) == {"up", str(signal.SIGUSR1.value), str(signal.SIGHUP.value)}
    assert "SIGQUIT" in rig.log()


def test_a_suspended_worker_is_continued_to_be_stopped(rig: Rig) -> None:
    rig.start(program("w", family(rig, "child", "stay"), "Restart=no TimeoutStopSec=30"))
    until_family(rig, 1)
    os.kill(rig.pids()["w"] or 0, signal.SIGSTOP)
    rig.rpc("supervisor.stopProcess", "w")
    assert rig.health()["w"].state == "inactive"


def test_every_run_has_an_invocation_id_of_its_own(rig: Rig) -> None:
    rig.start(program("w", family(rig, "child", "stay"), "RestartSec=10ms"))

    def invocation(pid: int | None) -> str:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        settings = (one.decode() for one in variables if one.startswith(b"INVOCATION_ID="))
        return next(settings, "")  # none before the program is executed

    pid = rig.until_state("w", "active").pid
    rig.until(lambda: invocation(pid))
    first = invocation(pid)
    os.kill(pid or 0, signal.SIGKILL)
    after = rig.until_other_pid("w", pid).pid
    rig.until(lambda: invocation(after))
    assert len({first, invocation(after)}) == 2
