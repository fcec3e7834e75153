"""What the watchdog's unit does before it starts: its folders, and the files of an earlier release.

The watchdog was root before, with its files in the folder above.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from dev.check import supervisord_conf
from tests.integration.worker_process import ROOT
from tests.required import required

pytestmark = pytest.mark.integration
VARIABLES = ("HEMS_RUN_DIR", "HEMS_DATA_DIR", "D2L_LISTEN", "REFUSALS_LISTEN", "WATCHDOG_USER")
OLD = {
    "restartLog.txt": "a restart\n",
    "reboots.json": "{}",
    "version.txt": "2026.10.4",
    "version_container.txt": "c0ffee",
}
OTHERS = {"provision.json": "{}", "homeassistant.json": "{}"}


@pytest.fixture(autouse=True)
def _root() -> None:
    required("" if os.geteuid() == 0 else "only root gives files away")


def prepare(folder: Path, user: str) -> None:
    """Run the commands of ExecStartPre, as often as the unit starts."""
    unit = supervisord_conf.units(ROOT, dict.fromkeys(VARIABLES, "7846"))["watchdog"]
    assert unit.exec.start_pre
    environment = {
        "HEMS_RUN_DIR": str(folder / "run"),
        "HEMS_DATA_DIR": str(folder / "data"),
        "HEMS_WATCHDOG_DATA_DIRECTORY": str(folder / "data/watchdog"),
        "WATCHDOG_USER": user,
    }
    for command in unit.exec.start_pre:
        assert command.is_privileged
        subprocess.run(command.expanded(environment), check=True, timeout=30)


def state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_uid, stat.S_IMODE(status.st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("run", "data"):
        (tmp_path / name).mkdir()
    for name, text in (OLD | OTHERS).items():
        (tmp_path / "data" / name).write_text(text)
    return tmp_path


def test_it_owns_its_two_folders_and_what_it_wrote_as_root_and_no_more(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    for _ in range(2):
        prepare(folder, "nobody")
        assert state(folder / "run/watchdog") == (nobody, 0o755)
        assert state(folder / "data/watchdog") == (nobody, 0o700)
        kept = {path.name: path.read_text() for path in (folder / "data/watchdog").iterdir()}
        assert kept == OLD
        assert {path.stat().st_uid for path in (folder / "data/watchdog").iterdir()} == {nobody}
        assert {path.name for path in (folder / "data").iterdir()} == {*OTHERS, "watchdog"}
        assert {(folder / "data" / name).stat().st_uid for name in OTHERS} == {0}


def test_what_it_wrote_since_is_not_replaced(folder: Path) -> None:
    prepare(folder, "nobody")
    (folder / "data/watchdog/version.txt").write_text("2026.11.1")
    (folder / "data/version.txt").write_text("2026.10.4")  # the earlier release ran once more
    prepare(folder, "nobody")
    assert (folder / "data/watchdog/version.txt").read_text() == "2026.11.1"
