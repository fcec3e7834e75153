"""What an import may do to supervisord or to the programs that are forked from it, and does not."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from tests.integration.supervision import preloaded_package
from tests.integration.supervision.rig import PLUGIN, Rig, program

pytestmark = pytest.mark.integration

PRELOADING = PLUGIN.replace("[ctlplugin", "preload = trap\nguard_sec = 2\n[ctlplugin")
MAIN = """
import ctypes, faulthandler, json, os, random, secrets, ssl, sys, tempfile, threading, time, uuid
from trap import sprung

LOADED_BY = 0
DRAWN, SEEDED = random.Random(), random.Random(42)

def preload():
    global LOADED_BY
    LOADED_BY = os.getpid()

def main():
    faulthandler.dump_traceback_later(60)
    faulthandler.cancel_dump_traceback_later()
    sprung.use()
    print(json.dumps({
        "is_forked": LOADED_BY == os.getppid(),
        "is_dumpable": ctypes.CDLL(None).prctl(3),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "code": sprung.CODE,
        "folder": os.getcwd(),
        "leaked": os.environ.get("LEAKED"),
        "seeded": SEEDED.random(),
        "random": [
            random.random(), DRAWN.random(), secrets.token_hex(), ssl.RAND_bytes(9).hex(),
            str(uuid.uuid4()), str(uuid.uuid1()), tempfile.mktemp(),
        ],
    }))
    time.sleep(60)

if __name__ == "__main__":
    main()
"""
UNSPRUNG = """
CODE = 1
def use():
    pass
"""
IN_SUPERVISORD = "import sys, time\nif 'supervisor.supervisord' in str(sys.orig_argv):\n    "


@pytest.fixture
def trap(rig: Rig, mocker: MockerFixture) -> Path:
    """Return the module trap.sprung of a package that supervisord preloads."""
    return preloaded_package.make(rig, mocker, "trap", MAIN) / "sprung.py"


def start(rig: Rig, *names: str, environment: str = "", settings: str = "") -> list[dict[str, Any]]:
    """Start units that are not buffered, for what they say is at the end of their buffer."""
    environment = environment or 'PYTHONUNBUFFERED="1"'
    units = [
        program(name, "python -m trap", "RestartSec=10ms", settings).replace(
            'UNIT="', f'{environment},UNIT="'
        )
        for name in names
    ]
    rig.start(*units, plugin=PRELOADING)
    return [said(rig, name) for name in names]


def said(rig: Rig, name: str, times: int = 1) -> dict[str, Any]:
    rig.until(lambda: rig.log(name).count("\n") == times)
    observed: dict[str, Any] = json.loads(rig.log(name).splitlines()[-1])
    return observed


@pytest.fixture
def unbuffered(trap: Path) -> None:
    """Start supervisord so that everything it forks is unbuffered; `trap` restores this."""
    assert trap.parent.exists()
    os.environ["PYTHONUNBUFFERED"] = "1"


def test_a_thread_that_an_import_starts_prevents_forks(trap: Path, rig: Rig) -> None:
    trap.write_text(
        UNSPRUNG.replace("pass", "assert not LOCK.locked()")
        + "import threading, time\nLOCK = threading.Lock()\n"
        + IN_SUPERVISORD
        + "threading.Thread(target=lambda: LOCK.acquire() and time.sleep(60), daemon=True).start()"
    )
    [report] = start(rig, "w")
    assert not report["is_forked"]
    assert "preload: trap.sprung started a thread" in rig.log()


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("raise ValueError('a bug')", "ValueError: a bug"),
        ("time.sleep(60)", "Hang: it takes longer than 1 s, half of guard_sec"),
        (
            "\n    while True:\n        try:\n            time.sleep(60)\n"
            "        except Exception:\n            pass",
            "Hang: it takes longer than 1 s",
        ),
    ],
    ids=["exit", "os._exit", "interrupt", "exception", "hang", "stubborn"],
)
def test_an_import_that_fails_leaves_supervisord_running(
    trap: Path, rig: Rig, statement: str, line: str
) -> None:
    trap.write_text(UNSPRUNG + IN_SUPERVISORD + statement)
    [report] = start(rig, "w")
    assert not report["is_forked"]
    assert f"preload = trap: {line}" in rig.log()
    assert f"({trap}:" in rig.log()


CHANGES = """import os, signal
    os.chdir("/")
    os.umask(0o777)
    os.environ["LEAKED"] = "1"
    sys.stdout = sys.stderr = None
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
"""


@pytest.mark.usefixtures("unbuffered")
def test_what_an_import_changes_reaches_neither_supervisord_nor_its_units(
    trap: Path, rig: Rig
) -> None:
    trap.write_text(UNSPRUNG + IN_SUPERVISORD + CHANGES)
    [report] = start(rig, "w", environment='OTHER="1"')
    assert (report["is_forked"], report["folder"], report["leaked"]) == (
        True,
        str(rig.folder),
        None,
    )
    pid = rig.health()["w"].pid
    rig.rpc("supervisor.signalProcess", "w", "KILL")
    rig.until_other_pid("w", pid, 1)
    os.kill(rig.pid, signal.SIGTERM)
    assert rig.until(rig.is_over) < 1


@pytest.mark.usefixtures("unbuffered")
@pytest.mark.parametrize("then", ["pass", "sys.exit(3)"])
def test_a_process_that_an_import_forks_does_not_become_a_second_supervisord(
    trap: Path, rig: Rig, then: str
) -> None:
    trap.write_text(
        f"{UNSPRUNG}{IN_SUPERVISORD}import os\n    if os.fork() == 0:\n        {then}\n"
    )
    [report] = start(rig, "w", environment='OTHER="1"')
    assert report["is_forked"]
    assert rig.log().count("supervisord started") == 1
    assert rig.log().count("spawned: 'w'") == 1


def test_variables_of_the_interpreter_are_honoured_by_an_exec(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    [report] = start(rig, "w")  # it is heard at all, for it is unbuffered
    assert not report["is_forked"]


@pytest.mark.usefixtures("unbuffered")
def test_what_supervisord_was_executed_with_holds_in_a_fork_too(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    [report] = start(rig, "w", environment='OTHER="1"')
    assert report["is_forked"]


@pytest.mark.usefixtures("unbuffered")
def test_changed_code_is_not_mixed_with_what_was_imported(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    [before] = start(rig, "w")
    assert (before["is_forked"], before["code"]) == (True, 1)
    trap.write_text(UNSPRUNG.replace("CODE = 1", "CODE = 23"))
    for times in (2, 3):
        rig.rpc("supervisor.signalProcess", "w", "KILL")
        after = said(rig, "w", times)
        assert (after["is_forked"], after["code"]) == (False, 23)
    assert rig.log().count(f"preload: {trap} has changed on the disk") == 1


@pytest.mark.usefixtures("unbuffered")
def test_forks_share_no_random_numbers_but_those_with_a_seed(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    one, other = start(rig, "one", "other")
    assert one["is_forked"]
    assert one["seeded"] == other["seeded"]
    assert not {*one["random"]} & {*other["random"]}


@pytest.mark.usefixtures("unbuffered")
def test_a_fork_has_no_descriptor_of_another_unit(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    names = [f"u{number}" for number in range(8)]
    units = [program(name, "python -m trap") for name in names]
    rig.write(*units, plugin=PRELOADING)
    text = rig.config.read_text()
    rig.config.write_text(text.replace("nodaemon", "minfds = 4\nnodaemon"))
    rig.launch()
    reports = [said(rig, name) for name in names]
    assert all(one["is_forked"] for one in reports)
    assert {one["descriptors"] for one in reports} == {4}  # the fourth is listdir's own


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.usefixtures("unbuffered")
def test_a_fork_with_another_user_is_dumpable(trap: Path, rig: Rig) -> None:
    trap.write_text(UNSPRUNG)
    [report] = start(rig, "w", settings="user = nobody")
    assert (report["is_forked"], report["is_dumpable"]) == (True, 1)
