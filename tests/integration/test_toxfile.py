"""What toxfile.py adds to the real tox, in a project of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev import ROOT
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

START_S, STOP_S = 60.0, 60.0  # tox makes virtual environments first
TOX_INI = """\
[tox]
no_package = true
env_list = bad, good

[testenv]
parallel_show_output = true
suicide_timeout = 30
commands = python {tox_root}{/}program.py {env_name}
"""
FAILING = """\
import sys
name, = sys.argv[1:]
print(f"FAILED tests/test_{name}.py::test_it - assert 0")
print(f"RERUN tests/test_{name}.py::test_at_times")
sys.exit(name == "bad")
"""
STOPPING_SLOWLY = """\
import sys, time
from pathlib import Path
name, = sys.argv[1:]
try:
    Path(f"{name}.started").touch()
    time.sleep(300)
except KeyboardInterrupt:
    time.sleep(0.5)
    Path(f"{name}.stopped").touch()
    raise
"""


def start(folder: Path, program: str) -> subprocess.Popen[str]:
    """Run both environments side by side."""
    shutil.copy(ROOT / "toxfile.py", folder)
    (folder / "tox.ini").write_text(TOX_INI)
    (folder / "program.py").write_text(program)
    argv = [sys.executable, "-m", "tox", "run-parallel", "--parallel", "2", "--parallel-no-spinner"]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("TOX_")}
    return subprocess.Popen(
        argv, cwd=folder, env=environ, text=True, stdout=subprocess.PIPE, start_new_session=True
    )


def test_the_names_of_tests_that_failed_or_ran_again_are_the_last_lines(tmp_path: Path) -> None:
    with start(tmp_path, FAILING) as tox:
        output, _ = tox.communicate(timeout=START_S + STOP_S)
    assert tox.returncode != 0
    assert sorted(output.splitlines()[-3:]) == [
        "bad: FAILED tests/test_bad.py::test_it - assert 0",
        "bad: RERUN tests/test_bad.py::test_at_times",
        "good: RERUN tests/test_good.py::test_at_times",
    ]


@pytest.mark.parametrize(
    "end",
    [
        lambda pid: os.kill(pid, signal.SIGTERM),
        lambda pid: os.killpg(pid, signal.SIGINT),  # as a terminal sends it
    ],
    ids=["kill", "Ctrl-C"],
)
def test_tests_stop_what_they_started_before_tox_ends(
    tmp_path: Path, end: Callable[[int], None]
) -> None:
    with start(tmp_path, STOPPING_SLOWLY) as tox:
        eventually(lambda: len([*tmp_path.glob("*.started")]) == 2, START_S, "both run")
        end(tox.pid)
        tox.communicate(timeout=STOP_S)
    assert tox.returncode != 0
    assert {path.name for path in tmp_path.glob("*.stopped")} == {"bad.stopped", "good.stopped"}
