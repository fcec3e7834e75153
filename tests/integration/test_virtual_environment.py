"""Real virtual environments, of a small project that needs no package index."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher.virtual_environment import Environment
from hems.errors import Unavailable
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "1"

[project.optional-dependencies]
more = []
"""
# A build backend (PEP 517, PEP 660) whose wheel is empty, so that pip downloads nothing.
BACKEND = """\
import zipfile
from pathlib import Path

def build_editable(directory, config_settings=None, metadata_directory=None):
    name, info = "small-1-py3-none-any.whl", "small-1.dist-info"
    with zipfile.ZipFile(Path(directory, name), "w") as wheel:
        wheel.writestr(f"{info}/METADATA",
            "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\nProvides-Extra: more\\n")
        wheel.writestr(f"{info}/WHEEL",
            "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
MAKE = "import signal, sys; from pathlib import Path\n"
MAKE += "signal.signal(signal.SIGINT, signal.default_int_handler)  # as bin/ does\n"
MAKE += "from dev.launcher.virtual_environment import Environment\n"
MAKE += "Environment(Path(sys.argv[1])).make(sys.argv[2:])"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "backend.py").write_text(BACKEND)
    return tmp_path


def make(root: Path, *extras: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", MAKE, str(root), *extras]
    return subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)


def has_small(root: Path) -> bool:
    code = "import importlib.metadata as m; print(m.version('small'))"
    argv = [str(Environment(root).python), "-c", code]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "1\n"


def test_it_is_made_once_completed_for_an_extra_and_anew_for_another_project(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = Environment(checkout)
    environment.make([])
    assert has_small(checkout)
    first = capsys.readouterr().err
    assert "making .venv" in first
    assert "installing hems ..." in first
    environment.make([])
    assert capsys.readouterr().err == ""
    environment.make(["more"])
    assert capsys.readouterr().err.startswith("installing hems + more ...")
    environment.make([])
    assert capsys.readouterr().err == ""
    (checkout / "pyproject.toml").write_text(PROJECT + "other = []\n")
    environment.make([])
    assert capsys.readouterr().err.startswith("making .venv")


def test_one_killed_half_way_is_repaired_by_the_next(checkout: Path) -> None:
    first = make(checkout)
    python = checkout / ".venv" / "bin" / "python"
    eventually(python.exists, 30, "the environment is begun")
    first.kill()
    first.communicate()
    second = make(checkout)
    assert second.communicate(timeout=120)[1].startswith("making .venv")
    assert second.returncode == 0
    assert has_small(checkout)


def test_two_at_once_make_it_once(checkout: Path) -> None:
    both = [make(checkout), make(checkout)]
    outputs = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(text.count("making .venv") for text in outputs) == [0, 1]
    assert has_small(checkout)


def test_a_project_that_cannot_be_installed_is_an_error_and_no_environment(checkout: Path) -> None:
    (checkout / "backend.py").write_text("raise RuntimeError('no such luck')")
    with pytest.raises(Unavailable, match="no such luck"):
        Environment(checkout).make([])
    assert not (checkout / ".venv" / "ready").exists()


def test_a_missing_package_index_is_explained(checkout: Path, mocker: MockerFixture) -> None:
    mocker.patch.dict("os.environ", {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"})
    mocker.patch.dict("os.environ", {"PIP_RETRIES": "0", "PIP_FIND_LINKS": ""})
    text = PROJECT.replace('version = "1"', 'version = "1"\ndependencies = ["no-such"]')
    (checkout / "pyproject.toml").write_text(text)
    backend = BACKEND.replace("Version: 1\\n", "Version: 1\\nRequires-Dist: no-such\\n", 1)
    (checkout / "backend.py").write_text(backend)
    with pytest.raises(Unavailable, match="is this machine online"):
        Environment(checkout).make([])


def test_ctrl_c_ends_pip_too(checkout: Path) -> None:
    code = "import time; from pathlib import Path; Path('begun').touch(); time.sleep(60)"
    (checkout / "backend.py").write_text(code)
    maker = make(checkout)
    try:
        eventually((checkout / "begun").exists, 60, "pip runs the backend")
        maker.send_signal(signal.SIGINT)
        maker.communicate(timeout=20)
        eventually(lambda: is_free(checkout / ".hems" / "venv.lock"), 10, "pip lets go of the lock")
    finally:
        maker.kill()
        maker.communicate()


def is_free(path: Path) -> bool:
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
