"""What pytest shows of tests that run in forked processes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dev import ROOT

pytestmark = pytest.mark.integration
CONFTEST = "from tests.conftest import *\n"
MANY = "import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_it(n): pass\n"
EVERYTHING = """\
import subprocess
import pytest
@pytest.fixture(scope="module")
def shared():
    yield
    raise ValueError("left over")
def test_fails(tmp_path):
    print("written by the test")
    assert [1, 2] == [1, 3]
def test_skipped():
    pytest.skip("not here")
@pytest.mark.xfail
def test_expected():
    assert False
def test_a_process():
    subprocess.run(["true"])
def test_with_fixture(shared):
    pass
"""
LEAK = """\
def test_it():
    file = [open("/dev/null")]
    file.append(file)
"""
RESULT = re.compile(r"(\d+) (failed|passed|skipped|xfailed|error)")


def run(folder: Path, *arguments: str, **modules: str) -> tuple[int, str]:
    """Return the exit status and the output of pytest with these test modules."""
    for name, text in {"conftest": CONFTEST, **modules}.items():
        (folder / f"{name}.py").write_text(text)
    argv = [sys.executable, "-m", "pytest", "--processes", "2", "-W", "error", *arguments]
    environ = {**os.environ, "PYTEST_ADDOPTS": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def results(output: str) -> dict[str, int]:
    return {kind: int(number) for number, kind in RESULT.findall(output.splitlines()[-1])}


def test_every_result_is_shown_as_from_one_process(tmp_path: Path) -> None:
    modules = {f"test_{number}": MANY for number in range(5)}
    status, output = run(tmp_path, **modules, test_everything=EVERYTHING)
    expected = {"passed": 101, "failed": 2, "skipped": 1, "xfailed": 1, "error": 1}
    assert (status, results(output)) == (1, expected)
    assert "E       assert [1, 2] == [1, 3]" in output
    assert "written by the test" in output
    assert "touched the network, a process or the clock" in output
    assert "ValueError: left over" in output


def test_without_a_failure_it_succeeds(tmp_path: Path) -> None:
    status, output = run(tmp_path, test_1=MANY, test_2=MANY, test_3=MANY)
    assert (status, results(output)) == (0, {"passed": 60})


def test_it_ends_after_the_first_failure_if_that_is_wanted(tmp_path: Path) -> None:
    status, output = run(tmp_path, "-x", test_everything=EVERYTHING, test_many=MANY)
    assert status == 1
    assert "stopping after 1 failures" in output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\ndef test_it(): os.abort()\n", "to run test_last.py: it ended with the status"),
        (LEAK, "ResourceWarning: unclosed file"),
    ],
    ids=["crash", "leak"],
)
def test_a_process_that_fails_fails_the_run(tmp_path: Path, text: str, words: str) -> None:
    status, output = run(tmp_path, test_first=MANY, test_last=text)
    assert status == 1, output
    assert "a process failed" in output
    assert words in output


def test_a_module_that_cannot_be_imported_fails_the_run(tmp_path: Path) -> None:
    status, output = run(tmp_path, test_first=MANY, test_second="import nothing_of_this_name\n")
    assert status == 2
    assert "No module named 'nothing_of_this_name'" in output
