"""Secret variables become files before supervisord begins: nothing of them is in its memory."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests.integration.supervision.rig import ROOT, SUPERVISORD, Rig, program
from tests.process_memory import memory

pytestmark = pytest.mark.integration

MODULE = [sys.executable, "-m", "hems.supervision.processes.entrypoint_environment"]
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
    assert "SIGTERM while supervisord starts: exit" in rig.output()


def blocked(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("SigBlk")), 16)


@pytest.mark.parametrize("arguments", [[], ["folder"], ["--", "true"], ["folder", "--"]])
def test_a_wrong_command_line_is_refused(arguments: list[str]) -> None:
    done = subprocess.run([*MODULE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "expected FOLDER PATTERN… -- COMMAND…" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to change the user")
@pytest.mark.parametrize("user", ["root", "", "nobody-here", "%(ENV_NOTHING)s"])
def test_no_variable_of_a_fleet_chooses_a_user_a_path_or_code(
    rig: Rig, mocker: MockerFixture, user: str
) -> None:
    hostile = {"UNIT_USER": user, "UNIT_LOG": "/etc/motd", "LD_AUDIT": "/evil.so", "PORT": "1"}
    mocker.patch.dict("os.environ", hostile)
    log = f"stderr_logfile = {rig.folder}/%(ENV_UNIT_LOG)s"
    rig.write(program("w", "sleep 60", "", "user = %(ENV_UNIT_USER)s", log))
    own = {name: os.environ.get(name, str(ROOT)) for name in ("PATH", "PYTHONPATH")}
    fixed = [f"{name}={value}" for name, value in own.items()]
    words = ["UNIT_USER=nobody", "UNIT_LOG=w", *fixed, "+PORT"]
    rig.launch([*MODULE, str(rig.folder / "secrets"), *words, "--", *SUPERVISORD])
    rig.until(lambda: b"sleep" in cmdline(rig.pids()["w"]))
    pid = rig.pids()["w"]
    assert f"Uid:\t{pwd.getpwnam('nobody').pw_uid}\t" in Path(f"/proc/{pid}/status").read_text()
    for process in (rig.pid, pid):
        assert b"PORT=1" in environ(process)
        assert b"evil" not in environ(process)
    assert "variables that this image does not take: " in rig.output()
    assert "LD_AUDIT" in rig.output()


def test_a_worker_without_supervisord_ends_at_a_stop_signal(tmp_path: Path) -> None:
    worker = (
        "from hems.worker_runtime import SignalStop; s = SignalStop(); "
        "print(flush=True); s.wait(20)"
    )
    command = [*MODULE, str(tmp_path / "secrets"), "A", "--", sys.executable, "-c", worker]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        process.terminate()
        assert process.wait(10) == 0
