"""Secret variables become files before supervisord begins: nothing of them is in its memory."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests.integration.supervision.rig import SUPERVISORD, Rig, program
from tests.process_memory import memory

pytestmark = pytest.mark.integration

MODULE = [sys.executable, "-m", "hems.supervision.processes.seal_environment"]
SECRET = "a-secret-of-one-unit"


def launch(rig: Rig, mocker: MockerFixture, *units: str) -> Path:
    """Start a supervisord that is given two secrets; return the folder of these."""
    variables = {"SECRET_A": SECRET, "SECRET_B": "other", "PLAIN": "known"}
    mocker.patch.dict("os.environ", variables)
    rig.write(*units)
    folder = rig.folder / "secrets"
    rig.launch([*MODULE, str(folder), "SECRET_*", "--", *SUPERVISORD])
    return folder


def environ(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def test_a_unit_has_its_secret_and_supervisord_has_none(rig: Rig, mocker: MockerFixture) -> None:
    folder = launch(rig, mocker, program("w", "sleep 60", "LoadCredential=SECRET_A"))
    own = rig.folder / "credentials/w"
    rig.until(lambda: (own / "SECRET_A").exists() and b"sleep" in cmdline(rig.pids()["w"]))
    assert [path.name for path in own.iterdir()] == ["SECRET_A"]
    assert (own / "SECRET_A").read_text() == SECRET
    assert folder.stat().st_mode & 0o777 == 0o700
    for pid in (rig.pid, rig.pids()["w"]):
        assert b"PLAIN=known" in environ(pid)
        assert SECRET.encode() not in environ(pid)
    assert len(memory(rig.pid)) > 1_000_000
    assert SECRET.encode() not in memory(rig.pid)


def cmdline(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_stop_signal_that_comes_before_supervisord_ends_it(
    rig: Rig, mocker: MockerFixture
) -> None:
    launch(rig, mocker, program("w", "sleep 60"))
    rig.until(lambda: blocked(rig.pid) >> signal.SIGTERM - 1 & 1)
    os.kill(rig.pid, signal.SIGTERM)
    rig.until(rig.is_over)
    assert "SIGTERM before the first start: exit" in rig.output()


def blocked(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("SigBlk")), 16)


@pytest.mark.parametrize("arguments", [[], ["folder"], ["--", "true"], ["folder", "--"]])
def test_a_wrong_command_line_is_refused(arguments: list[str]) -> None:
    done = subprocess.run([*MODULE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "expected FOLDER PATTERN… -- COMMAND…" in done.stderr
