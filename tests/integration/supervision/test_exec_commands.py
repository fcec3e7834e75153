"""ExecStartPre and its siblings, run by the real supervisord."""

import os
import signal
import sys
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.supervision.rig import HERE, WORKER, Rig, program

pytestmark = pytest.mark.integration


def script(rig: Rig, name: str, text: str) -> Path:
    """Write a shell script, which a unit's command executes."""
    path = rig.folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def lines(rig: Rig) -> list[str]:
    path = rig.folder / "lines"
    return path.read_text().splitlines() if path.exists() else []


def say(rig: Rig, name: str, more: str = "") -> Path:
    """Write a script that adds a line to the file `lines`, and prints it."""
    text = f'echo "{name}{more}" >> {rig.folder}/lines; echo "said {name}"'
    return script(rig, name, text)


def test_the_commands_run_in_their_order_and_write_to_the_units_log(rig: Rig) -> None:
    ended = " $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS"
    unit = (
        f"Type=notify ExecCondition={say(rig, 'condition')} ExecStartPre={say(rig, 'pre')} "
        f"ExecStartPost='{say(rig, 'post', ' $1')} $MAINPID' ExecStop={say(rig, 'stop')} "
        f"ExecStopPost={say(rig, 'stop-post', ended)}"
    )
    rig.start(program("w", WORKER, unit))
    pid = rig.until_state("w", "active").pid
    assert lines(rig) == ["condition", "pre", f"post {pid}"]
    rig.rpc("supervisor.stopProcess", "w")
    assert lines(rig)[3:] == ["stop", "stop-post success killed TERM"]
    assert rig.health()["w"].state == "inactive"
    names = ("condition", "pre", "post", "stop", "stop-post")
    assert [rig.log("w").count(f"said {name}\n") for name in names] == [1] * 5
    assert "Traceback" not in rig.log()


def test_a_crash_is_followed_by_the_last_command_and_then_by_the_restart(rig: Rig) -> None:
    ended = " $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS"
    unit = f"Type=notify Restart=always RestartSec=10ms ExecStopPost={say(rig, 'x', ended)}"
    rig.start(program("w", WORKER, unit))
    for count in (1, 2):
        pid = rig.until_state("w", "active").pid
        os.kill(pid or 0, signal.SIGKILL)
        rig.until_other_pid("w", pid)
        assert lines(rig) == ["x signal killed KILL"] * count


def test_a_condition_that_is_not_met_skips_the_unit(rig: Rig) -> None:
    rig.start(program("w", WORKER, "ExecCondition=/bin/false Restart=always"))
    row = rig.until_state("w", "exited")
    assert (row.pid, row.is_healthy) == (None, True)
    assert "spawned: 'w' with" not in rig.log()


def test_a_command_that_fails_or_does_not_exist_fails_the_start(rig: Rig) -> None:
    rig.start(
        program("fails", WORKER, "ExecStartPre=/bin/false Restart=no"),
        program("missing", WORKER, "ExecStartPre=/nowhere/x Restart=no"),
        program("ignored", WORKER, "Type=notify ExecStartPre=-/nowhere/x ExecStartPre=-/bin/false"),
    )
    rig.until_state("ignored", "active")
    assert rig.until_state("fails", "failed").reason == "start-pre /bin/false: exit status 1"
    assert "can't find command '/nowhere/x'" in rig.until_state("missing", "failed").reason


def test_a_command_that_hangs_is_ended_with_all_its_children(rig: Rig) -> None:
    hang = script(rig, "hang", "sleep 60 & echo $! > pid; wait")
    unit = f"ExecStartPre={hang} TimeoutStartSec=300ms Restart=no"
    rig.start(program("w", WORKER, unit, f"directory = {rig.folder}"))
    row = rig.until_state("w", "failed")
    assert row.reason.startswith("start-pre has not ended within 0.3")
    pid = int((rig.folder / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text()


def test_a_shutdown_waits_for_the_last_command(rig: Rig) -> None:
    slow = script(rig, "slow", f"sleep 0.5; echo done >> {rig.folder}/lines")
    rig.start(program("w", WORKER, f"Type=notify ExecStopPost={slow}"))
    rig.until_state("w", "active")
    rig.ctl("shutdown")
    rig.until(rig.is_over)
    assert lines(rig) == ["done"]


def test_a_command_with_a_plus_keeps_the_privileges_of_supervisord(rig: Rig) -> None:
    if os.geteuid():
        pytest.skip("needs root, to change the user")
    unit = "Type=oneshot User=nobody ExecStartPre='+id -un' ExecStartPre='id -un'"
    rig.start(program("w", "/bin/true", unit, "autorestart = false"))
    rig.until_state("w", "exited")
    assert rig.log("w").split() == ["root", "nobody"]


def test_a_reload_runs_its_command_while_the_unit_is_up(rig: Rig) -> None:
    unit = f"Type=notify ExecReload='{say(rig, 'reload', ' $1')} $MAINPID' ExecReload=/bin/false"
    rig.start(program("w", WORKER, unit))
    pid = rig.until_state("w", "active").pid
    assert rig.ctl("reload-unit", "w").returncode == 0
    rig.until(lambda: lines(rig) == [f"reload {pid}"])
    row = rig.until_state("w", "active")
    assert row.pid == pid


def test_a_command_may_notify_with_notify_access_exec(rig: Rig) -> None:
    notify = f"{sys.executable} -IS {HERE / 'worker.py'}"
    unit = f"Type=oneshot NotifyAccess=exec ExecStartPre='{notify} --once 0'"
    rig.start(
        program("may", "/bin/true", unit),
        program("not", "/bin/true", unit.replace("=exec", "=main")),
    )
    rig.until_state("may", "exited")
    rig.until_state("not", "exited")
    dropped = [line for line in rig.log().splitlines() if "dropped notification" in line]
    assert dropped
    assert all("not: " in line for line in dropped)


def by_signal(rig: Rig) -> None:
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over)


def by_group(rig: Rig) -> None:
    rig.rpc("supervisor.stopProcessGroup", "w")


def by_stop_all(rig: Rig) -> None:
    rig.rpc("supervisor.stopAllProcesses")


@pytest.mark.parametrize("stop", [by_signal, by_group, by_stop_all])
def test_every_stop_reaches_a_unit_that_is_up_without_a_process(
    rig: Rig, stop: Callable[[Rig], None]
) -> None:
    unit = f"Type=oneshot RemainAfterExit=yes ExecStop={say(rig, 'stop')}"
    rig.start(program("w", "/bin/true", unit, "autorestart = false"))
    rig.until_state("w", "exited")
    assert "RUNNING" in rig.ctl("status").stdout
    stop(rig)
    assert lines(rig) == ["stop"]


def test_a_main_process_that_has_ended_before_its_children_is_neither_shown_nor_signalled(
    rig: Rig,
) -> None:
    main = script(rig, "main", "sleep 60 &")
    last = script(rig, "last", f'echo "main ${{MAINPID:-gone}}" > {rig.folder}/lines; sleep 60')
    rig.start(program("w", str(main), f"Restart=no ExecStop={last}"))
    rig.until(lambda: lines(rig) == ["main gone"])
    row = rig.health()["w"]
    assert (row.state, row.pid) == ("deactivating", None)
    with pytest.raises(xmlrpc.client.Fault, match="has ended"):
        rig.rpc("supervisor.signalProcess", "w", "KILL")


def test_a_command_has_the_variables_of_its_unit(rig: Rig) -> None:
    (rig.folder / "file").write_text("FROM_FILE='c d'\n")
    unit = (
        f"Environment=A=a EnvironmentFile={rig.folder}/file "
        f"ExecStartPre='{say(rig, 'pre', ' $1,$2')} $A ${{FROM_FILE}}'"
    )
    rig.start(program("w", "sleep 60", unit))
    rig.until_state("w", "active")
    assert lines(rig) == ["pre a,c d"]
