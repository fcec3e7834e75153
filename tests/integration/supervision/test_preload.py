"""A program of the preloaded package is forked, and behaves as if it had been executed."""

import json
import os
import pwd
import signal
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes import process_tree
from tests.integration.supervision import preloaded_package
from tests.integration.supervision.rig import PLUGIN, Rig, program

pytestmark = pytest.mark.integration

PRELOADING = PLUGIN.replace("[ctlplugin", "preload = tiny\n[ctlplugin")
TINY = """
import faulthandler, gc, json, os, signal, sys, time

LOADED_BY = 0

def preload():
    global LOADED_BY
    LOADED_BY = os.getpid()

def observed():
    return {
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "loaded_by": LOADED_BY,
        "user": os.getuid(),
        "directory": os.getcwd(),
        "wakeup": signal.set_wakeup_fd(-1),
        "frozen": gc.get_freeze_count(),
        "zone": time.tzname[0],
        "term": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    }

def main():
    faulthandler.enable()
    what = sys.argv[1]
    print(json.dumps(observed()), flush=what == "stay")
    sys.stderr.write("unfinished")
    if what == "return":
        return 5
    if what == "exit":
        sys.exit(6)
    if what == "message":
        sys.exit("what went wrong")
    if what == "crash":
        raise ValueError("a bug " + chr(0xDC80))
    if what == "close":
        sys.stdout.close()
        return 8
    if what == "family":
        os.fork() or (os.setsid(), os.fork(), print(f"\\n{os.getpid()}", flush=True))
    time.sleep(60)

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def tiny(rig: Rig, mocker: MockerFixture) -> Rig:
    """Return a rig whose supervisord preloads the package above."""
    preloaded_package.make(rig, mocker, "tiny", TINY)
    return rig


def start(rig: Rig, what: str, unit: str = "", *settings: str) -> dict[str, Any]:
    rig.start(program("w", f"python -m tiny {what}", unit, *settings), plugin=PRELOADING)
    return said(rig)


def said(rig: Rig) -> dict[str, Any]:
    """Return what the worker printed last."""
    rig.until(lambda: "\n" in rig.log("w"))
    lines = [line for line in rig.log("w").splitlines() if line.startswith("{")]
    observed: dict[str, Any] = json.loads(lines[-1])
    return observed


def test_it_has_arguments_environment_and_directory_of_its_own(tiny: Rig) -> None:
    home = tiny.folder / "home"
    home.mkdir()
    observed = start(tiny, "stay --long", "Type=notify WatchdogSec=5", f"directory = {home}")
    assert observed["arguments"] == ["stay", "--long"]
    assert observed["directory"] == str(home)
    assert observed["environment"]["SUPERVISOR_PROCESS_NAME"] == "w"
    assert observed["environment"]["WATCHDOG_USEC"] == "5000000"
    assert "UNIT" not in observed["environment"]


def test_it_has_a_time_zone_of_its_own(tiny: Rig) -> None:
    command = program("w", "python -m tiny stay").replace('UNIT=""', 'UNIT="",TZ="Asia/Tokyo"')
    tiny.start(command, plugin=PRELOADING)
    assert said(tiny)["zone"] == "JST"


def test_its_package_was_imported_by_supervisord(tiny: Rig) -> None:
    assert start(tiny, "stay")["loaded_by"] == tiny.pid


def test_it_holds_no_descriptor_of_supervisord(tiny: Rig) -> None:
    # The fourth is listdir's own.
    assert len(start(tiny, "stay")["descriptors"]) == 4


def test_it_handles_no_signal_as_supervisord_does(tiny: Rig) -> None:
    observed = start(tiny, "stay")
    assert observed["term"]
    assert observed["interrupt"]
    assert observed["wakeup"] == -1
    pid = tiny.pids()["w"]
    assert pid
    blocked = [
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "SigBlk" in line
    ]
    assert int(blocked[0].split()[1], 16) == 0


def test_the_process_list_shows_its_command_and_its_units_name(tiny: Rig) -> None:
    start(tiny, "stay")
    pid = tiny.pids()["w"]
    assert Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0") == b"python -m tiny stay"
    assert Path(f"/proc/{pid}/comm").read_text() == "w\n"


@pytest.mark.parametrize(
    ("what", "status", "text"),
    [
        ("return", 5, "unfinished"),
        ("exit", 6, "unfinished"),
        ("message", 1, "what went wrong"),
        ("crash", 1, "ValueError: a bug \\udc80"),
        ("close", 8, "unfinished"),
    ],
)
def test_its_end_is_what_the_interpreter_would_make_of_it(
    tiny: Rig, what: str, status: int, text: str
) -> None:
    tiny.start(program("w", f"python -m tiny {what}", "Restart=no"), plugin=PRELOADING)
    assert tiny.until_state("w", "failed").reason == f"exit status {status}"
    assert text in tiny.log("w")
    assert f'"arguments": ["{what}"]' in tiny.log("w")


def test_what_it_shares_is_out_of_the_collectors_way(tiny: Rig) -> None:
    assert start(tiny, "stay")["frozen"] > 1000


def test_a_stop_ends_it(tiny: Rig) -> None:
    start(tiny, "stay")
    tiny.rpc("supervisor.stopProcess", "w")
    assert tiny.health()["w"].state == "inactive"
    assert not tiny.is_over()


def test_killed_it_is_forked_again(tiny: Rig) -> None:
    start(tiny, "stay", "RestartSec=10ms")
    pid = tiny.pids()["w"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert tiny.until_other_pid("w", pid).restart_reason == "killed by signal 9 (Killed)"


def test_killed_it_leaves_no_child_though_none_was_executed(tiny: Rig) -> None:
    start(tiny, "family", "Restart=no")
    tiny.until(lambda: len(children(tiny)) == 2)
    pid = tiny.pids()["w"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    tiny.until_state("w", "failed")
    assert [stat for child in children(tiny) if (stat := process_tree.stat(child))] == []


def children(rig: Rig) -> list[int]:
    return [int(line) for line in rig.log("w").splitlines() if line.isdecimal()]


def test_type_exec_is_up_once_it_runs(tiny: Rig) -> None:
    assert start(tiny, "stay", "Type=exec TimeoutStartSec=2")["loaded_by"] == tiny.pid
    assert tiny.until_state("w", "active").restarts == 0


def test_hung_it_prints_where(tiny: Rig) -> None:
    start(tiny, "stay", "Type=notify TimeoutStartSec=500ms TimeoutStartFailureMode=abort")
    tiny.until(lambda: "Fatal Python error: Aborted" in tiny.log("w"))
    assert "__main__.py" in tiny.log("w")


def test_one_that_is_passed_less_is_executed_and_has_no_more(
    tiny: Rig, mocker: MockerFixture
) -> None:
    mocker.patch.dict("os.environ", {"SECRET": "of another program"})
    mocker.patch.dict("os.environ", {"TOLD_ALOUD": "yes"})
    observed = start(tiny, "stay", "PassEnvironment=PATH,PYTHON*,TOLD_* WatchdogSec=9")
    assert observed["loaded_by"] == 0
    names = set(observed["environment"])
    assert "SECRET" not in names
    assert {"TOLD_ALOUD", "NOTIFY_SOCKET", "WATCHDOG_USEC", "SUPERVISOR_PROCESS_NAME"} <= names


def test_another_program_is_executed(tiny: Rig) -> None:
    tiny.start(program("w", "python -m tiny.__main__ stay"), plugin=PRELOADING)
    assert said(tiny)["loaded_by"] == 0


def test_a_package_that_cannot_be_imported_is_executed(tiny: Rig) -> None:
    (tiny.folder / "tiny/__init__.py").write_text(
        "import sys\nif 'supervisor.supervisord' in sys.argv[0] + str(sys.orig_argv):\n"
        "    raise ImportError('no such library')\n"
    )
    assert start(tiny, "stay")["loaded_by"] == 0
    assert "preload = tiny: ImportError: no such library" in tiny.log()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_it_runs_as_its_user(tiny: Rig) -> None:
    observed = start(tiny, "stay", "", "user = nobody")
    assert observed["user"] == pwd.getpwnam("nobody").pw_uid


def test_the_kernel_may_cut_its_name_within_a_letter(tiny: Rig) -> None:
    name = "zaehler-keller" + "ü"  # the kernel keeps 15 bytes
    tiny.start(program(name, "python -m tiny stay"), plugin=PRELOADING)
    tiny.until(lambda: '"loaded_by": 0' not in tiny.log(name) and "{" in tiny.log(name))
    tiny.until_state(name, "active")
