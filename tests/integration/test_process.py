"""Real commands: their ends, time-outs and what they leave behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system.subprocesses import ProgramSession, members, run
from tests.integration.namespaces import is_running
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_run_returns_standard_output_only() -> None:
    assert run(python("import sys; print('out'); print('err', file=sys.stderr)"), 10) == "out\n"


def test_a_command_reads_what_it_is_given_and_then_the_end() -> None:
    code = "import sys; print(sys.stdin.read().upper())"
    assert run(python(code), 10, input_text="rules\n") == "RULES\n\n"
    assert run(python(code), 10) == "\n"


def test_a_failure_shows_the_exit_code_and_the_last_lines() -> None:
    with pytest.raises(Unavailable, match=r"ended with 3:\n  no such thing"):
        run(python("import sys; print('no such thing', file=sys.stderr); sys.exit(3)"), 10)


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(Unavailable, match="no-such-command cannot be started: No such file"):
        run(["no-such-command"], 10)


def test_a_time_out_ends_what_the_command_started_too(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "import subprocess, sys, time; from pathlib import Path\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"Path({str(pid_file)!r}).write_text(str(child.pid)); time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(Unavailable, match="took longer than 1 s"):
        run(python(code), 1)
    assert time.monotonic() - started < 10
    eventually(lambda: not is_running(int(pid_file.read_text())), 10, "it has ended")


def test_a_session_is_ended_with_all_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('up', flush=True); time.sleep(60)"
    )
    session = ProgramSession(python(code), os.environ, log)
    eventually(lambda: text(log) == "up\n", 10, "it is up")
    assert len(members(session.pid)) == 2
    session.end(grace_s=5)
    assert members(session.pid) == []
    assert session.exit_code() == -signal.SIGTERM


def test_a_session_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import signal, time; signal.signal(15, 1); print('up', flush=True); time.sleep(60)"
    session = ProgramSession(python(code), os.environ, log)
    eventually(lambda: text(log) == "up\n", 10, "it is up")
    session.end(grace_s=0.2)
    assert session.exit_code() == -signal.SIGKILL


def test_a_session_gets_sigterm_when_its_starter_is_killed(tmp_path: Path) -> None:
    log, pid_file = tmp_path / "log", tmp_path / "pid"
    inner = (
        "import signal, sys, time\n"
        "signal.signal(15, lambda *_: sys.exit(print('asked to end', flush=True)))\n"
        "print('up', flush=True); time.sleep(60)"
    )
    code = (
        "import os, sys, time; from pathlib import Path; from hems.system import subprocesses\n"
        f"argv, log = [sys.executable, '-c', {inner!r}], Path({str(log)!r})\n"
        "session = subprocesses.ProgramSession(argv, os.environ, log)\n"
        f"Path({str(pid_file)!r}).write_text(str(session.pid)); time.sleep(60)"
    )
    with subprocess.Popen(python(code)) as starter:
        eventually(lambda: text(log) == "up\n", 10, "it is up")
        starter.kill()
    eventually(lambda: text(log) == "up\nasked to end\n", 10, "it was asked to end")
    eventually(lambda: not is_running(int(pid_file.read_text())), 10, "it has ended")


def test_orphans_are_taken_by_the_first_process_of_a_container() -> None:
    orphan = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', ''])"
    code = (
        "import ctypes, os, subprocess, sys, time; from pathlib import Path\n"
        "from hems.system.subprocesses import reap_orphans\n"
        "ctypes.CDLL(None).prctl(36, 1)\n"  # PR_SET_CHILD_SUBREAPER: as the first process is
        f"subprocess.run([sys.executable, '-c', {orphan!r}])\n"
        "children = Path(f'/proc/self/task/{os.getpid()}/children')\n"
        "had_one = bool(children.read_text())\n"
        "while children.read_text(): reap_orphans(); time.sleep(0.01)\n"
        "print(had_one)"
    )
    assert run(python(code), 10) == "True\n"
