"""supervisorctl and signals: what people do to a running gateway."""

import os
import signal

import pytest

from tests.integration.supervision.rig import WORKER, Rig, program

pytestmark = pytest.mark.integration

NOTIFY = "Type=notify RestartSec=10ms"


def test_start_waits_until_the_worker_is_ready(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --delay 0.5", NOTIFY, "autostart = false"))
    outcome = rig.ctl("start", "led")
    assert (outcome.returncode, outcome.stdout) == (0, "led: started\n")
    assert rig.health()["led"].is_ready


def test_start_of_a_worker_that_never_gets_ready_fails(rig: Rig) -> None:
    unit = "Type=notify TimeoutStartSec=300ms Restart=no"
    rig.start(program("led", f"{WORKER} --silent", unit, "autostart = false"))
    assert rig.ctl("start", "led").returncode == 7
    assert "not ready within 0.3" in rig.ctl("status", "led").stdout


def test_restart_gives_a_new_process_that_is_ready(rig: Rig) -> None:
    rig.start(program("led", WORKER, NOTIFY), program("other", WORKER, NOTIFY))
    before = {name: rig.until_state(name, "active").pid for name in ("led", "other")}
    assert rig.ctl("restart", "led").returncode == 0
    after = rig.health()
    assert after["led"].is_ready
    assert after["led"].pid != before["led"]
    assert after["led"].restarts == 0
    assert after["other"].pid == before["other"]


def test_stop_calls_off_a_restart_that_is_due(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --silent --once 1", "Restart=always RestartSec=60"))
    assert "restart in 60 s" in rig.until_state("led", "auto-restart").reason
    assert rig.ctl("stop", "led").stdout == "led: stopped\n"
    assert rig.health()["led"].state == "inactive"


def test_a_signal_reaches_the_worker_and_changes_nothing_else(rig: Rig) -> None:
    rig.start(program("led", f"{WORKER} --deaf", NOTIFY, "stopwaitsecs = 1"))
    pid = rig.until_state("led", "active").pid
    assert rig.ctl("signal", "TERM", "led").returncode == 0
    assert (rig.health()["led"].state, rig.health()["led"].pid) == ("active", pid)


def test_reread_sees_no_change_where_there_is_none(rig: Rig) -> None:
    rig.start(program("led", WORKER, f"{NOTIFY} WatchdogSec=5"))
    rig.until_state("led", "active")
    assert rig.ctl("reread").stdout == "No config updates to processes\n"


def test_update_adds_changes_and_removes_units(rig: Rig) -> None:
    rig.start(program("same", WORKER, NOTIFY), program("gone", WORKER, NOTIFY))
    before = rig.until_state("same", "active").pid
    rig.write(
        program("same", WORKER, NOTIFY),
        program("early", WORKER, f"{NOTIFY} After=later"),
        program("later", f"{WORKER} --delay 0.2", NOTIFY),
    )
    assert rig.ctl("update").returncode == 0
    rig.until_state("early", "active")
    assert set(rig.pids()) == {"same", "early", "later"}
    assert rig.pids()["same"] == before
    rig.write(program("same", WORKER, f"{NOTIFY} WatchdogSec=9"), program("later", WORKER, NOTIFY))
    rig.ctl("update")
    assert rig.until_other_pid("same", before).is_ready


def test_update_of_one_unit_restarts_only_that_unit(rig: Rig) -> None:
    names = ("before", "changed", "after", "beside")
    settings = {"before": " Before=changed", "after": " After=changed Wants=changed"}

    def write(**changes: str) -> None:
        units = {name: NOTIFY + settings.get(name, "") + changes.get(name, "") for name in names}
        rig.write(*(program(name, WORKER, unit) for name, unit in units.items()))

    write()
    rig.launch()
    rig.until((rig.folder / "ctl.sock").exists)
    for seconds in (7, 8):
        rig.until_state("after", "active")
        before = rig.pids()
        write(changed=f" WatchdogSec={seconds}")
        assert rig.ctl("update").returncode == 0
        rig.until_other_pid("changed", before["changed"])
        assert {**rig.pids(), "changed": None} == {**before, "changed": None}


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("Typ=notify", "unknown directive 'Typ', did you mean Type?"),
        ("After=nobody", "depends on unknown unit 'nobody'"),
    ],
)
def test_update_with_a_malformed_unit_fails_that_unit_only(
    rig: Rig, unit: str, reason: str
) -> None:
    rig.start(program("same", WORKER, NOTIFY))
    before = rig.until_state("same", "active").pid
    rig.write(program("same", WORKER, NOTIFY), program("new", WORKER, unit))
    rig.ctl("update")
    row = rig.health()["new"]
    assert (row.state, row.is_healthy) == ("failed", False)
    assert row.reason.startswith("[program:new] UNIT: ")
    assert reason in row.reason
    assert rig.ctl("start", "new").returncode == 7
    assert rig.pids()["same"] == before


@pytest.mark.parametrize(
    ("unit", "command", "mistake"),
    [
        (f"{NOTIFY} Nic=1", WORKER, "UNIT: unknown directive 'Nic', did you mean Nice?"),
        (f"{NOTIFY} After=nobody", WORKER, "UNIT: depends on unknown unit 'nobody'"),
        (f"{NOTIFY} User=no-such-user", WORKER, "UNIT: found the user 'no-such-user'"),
        (f"{NOTIFY} LoadCredential=a:/no/file", WORKER, "UNIT: LoadCredential: found no file"),
        (NOTIFY, "/no/such/program", "command: can't find command '/no/such/program'"),
    ],
)
def test_update_with_a_mistake_keeps_the_unit_that_runs(
    rig: Rig, unit: str, command: str, mistake: str
) -> None:
    rig.start(program("led", WORKER, NOTIFY), program("other", WORKER, NOTIFY))
    before = {name: rig.until_state(name, "active").pid for name in ("led", "other")}
    rig.write(program("led", command, unit), program("other", WORKER, f"{NOTIFY} Nice=1"))
    for other in ("other: updated process group\n", ""):
        outcome = rig.ctl("update")
        assert outcome.returncode == 7
        assert outcome.stdout.startswith(f"led: ERROR ([program:led] {mistake}")
        assert outcome.stdout.endswith(f"; it keeps its old settings\n{other}")
        assert outcome.stdout.count("ERROR") == 1
    rig.until_other_pid("other", before["other"])
    assert (rig.health()["led"].state, rig.pids()["led"]) == ("active", before["led"])
    os.kill(before["led"] or 0, signal.SIGKILL)
    pid = rig.until_other_pid("led", before["led"]).pid  # with its old settings
    assert rig.ctl("update", "other").returncode == 0  # nobody asked for led
    rig.write(program("led", WORKER, f"{NOTIFY} Nice=2"), program("other", WORKER, NOTIFY))
    assert rig.ctl("update").returncode == 0
    assert rig.until_other_pid("led", pid).is_ready


def test_update_of_a_group_restarts_only_what_has_changed(rig: Rig) -> None:
    def write(group: str, **units: str) -> None:
        programs = [program(name, WORKER, f"{NOTIFY} {unit}") for name, unit in units.items()]
        rig.write(*programs, f"[group:g]\nprograms = {group}\n")

    write("a,b,c", a="", b="", c="After=g:a")
    rig.launch()
    rig.until((rig.folder / "ctl.sock").exists)
    before = {name: rig.until_state(name, "active").pid for name in ("g:a", "g:b", "g:c")}
    write("a,b,d", a="", b="Nice=1", c="", d="")
    outcome = rig.ctl("update")
    changes = "g:c: removed\ng:b: updated\ng:d: added\nc: added process group\n"
    assert (outcome.returncode, outcome.stdout) == (0, changes)
    rig.until_other_pid("g:b", before["g:b"])
    rig.until_state("g:d", "active")
    assert rig.pids()["g:a"] == before["g:a"]
    assert set(rig.pids()) == {"g:a", "g:b", "g:d", "c"}
    assert rig.ctl("update").stdout == ""
    now = rig.pids()
    write("a,b,d", a="Typ=simple", b="", c="", d="Nice=1")
    outcome = rig.ctl("update")
    assert outcome.returncode == 7
    assert "g:a: ERROR ([program:g:a] UNIT: unknown directive 'Typ'" in outcome.stdout
    assert outcome.stdout.startswith("g:b: updated\ng:d: updated\n")
    rig.until_other_pid("g:b", now["g:b"])
    rig.until_other_pid("g:d", now["g:d"])
    assert (rig.pids()["g:a"], rig.pids()["c"]) == (now["g:a"], now["c"])


def test_another_number_of_processes_leaves_those_that_stay(rig: Rig) -> None:
    def write(count: int) -> None:
        several = ("process_name = w%(process_num)s", f"numprocs = {count}")
        rig.write(program("w", WORKER, f"{NOTIFY} Requires=base", *several), base)

    base = program("base", WORKER, NOTIFY)
    write(2)
    rig.launch()
    rig.until((rig.folder / "ctl.sock").exists)
    before = {name: rig.until_state(name, "active").pid for name in ("w:w0", "w:w1")}
    write(3)
    assert rig.ctl("update").stdout == "w:w2: added\n"
    rig.until_state("w:w2", "active")
    write(1)
    assert rig.ctl("update").stdout == "w:w1: removed\nw:w2: removed\n"
    assert set(rig.pids()) == {"w:w0", "base"}
    assert rig.pids()["w:w0"] == before["w:w0"]


def test_every_reload_starts_all_units_again(rig: Rig) -> None:
    rig.start(program("led", WORKER, f"{NOTIFY} WatchdogSec=1"), program("simple", WORKER))
    pid = rig.until_state("led", "active").pid
    counts = []
    for _ in range(3):
        os.kill(rig.pid, signal.SIGHUP)
        pid = rig.until_other_pid("led", pid).pid
        counts.append(len(os.listdir(f"/proc/{rig.pid}/fd")))  # noqa: PTH208
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        pid = rig.until_other_pid("led", pid).pid
    assert counts[-1] <= counts[0] + 1  # no descriptor is left behind
    assert "Traceback" not in rig.log() + rig.output()


def test_shutdown_ends_everything_and_leaves_no_socket(rig: Rig) -> None:
    rig.start(
        program("led", WORKER, NOTIFY),
        program("waiting", WORKER, "Requires=never"),
        program("never", WORKER, "", "autostart = false"),
        program("crashing", f"{WORKER} --once 1", "Restart=always RestartSec=60"),
    )
    rig.until_state("crashing", "auto-restart")
    rig.ctl("shutdown")
    rig.until(rig.is_over)
    assert rig.process is not None
    assert rig.process.returncode == 0
    assert not list(rig.folder.glob("*.sock"))
    assert "Traceback" not in rig.log() + rig.output()


def test_other_kinds_of_programs_are_left_alone(rig: Rig) -> None:
    listener = (
        f"[eventlistener:ear]\ncommand = {WORKER} --silent\nevents = TICK_60\n"
        f"stdout_logfile = {rig.folder}/ear.log\n"
    )
    group = "[group:pair]\nprograms = a,b\n"
    rig.start(listener, group, program("a", WORKER, NOTIFY), program("b", WORKER, "After=pair:a"))
    rig.until_state("pair:b", "active")
    assert set(rig.health()) == {"pair:a", "pair:b"}
    rig.until(lambda: rig.rpc("supervisor.getProcessInfo", "ear")["statename"] == "RUNNING")


def test_a_mistake_is_over_once_another_unit_has_corrected_it(rig: Rig) -> None:
    same = program("same", WORKER, NOTIFY)
    needy = program("needy", WORKER, f"{NOTIFY} Requires=base")
    rig.start(same)
    rig.until_state("same", "active")
    rig.write(same, needy)
    outcome = rig.ctl("update")
    mistake = "[program:needy] UNIT: depends on unknown unit 'base'"
    assert f"needy: ERROR ({mistake})" in outcome.stdout
    assert outcome.returncode == 7
    properties = rig.ctl("show", "--property=LoadState", "--property=LoadError", "needy").stdout
    assert properties == f"LoadState=bad-setting\nLoadError={mistake}\n"
    rig.write(same, needy, program("base", WORKER, NOTIFY))
    outcome = rig.ctl("update")
    assert (outcome.returncode, outcome.stdout) == (0, "base: added process group\n")
    rig.until_state("needy", "active")
    assert rig.ctl("show", "--property=LoadState", "needy").stdout == "LoadState=loaded\n"
    assert rig.health()["same"].restarts == 0
