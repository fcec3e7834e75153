"""A real `systemd --user`, in namespaces and a cgroup of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.integration.namespaces import MORTAL

SYSTEMD = "/lib/systemd/systemd"
BEGIN = [sys.executable, "-IS", str(Path(__file__).with_name("begin_systemd.py"))]
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
CGROUPS = Path("/sys/fs/cgroup")


class UserSystemd:
    """systemd with these unit files and no others; everything else is in `folder`.

    Its log goes to `output`, a file or a constant of subprocess.
    """

    def __init__(
        self, folder: Path, unit_files: Mapping[str, str], output: int, log_level: str
    ) -> None:
        self._enter: list[str] = []
        units = folder / "units"
        units.mkdir(parents=True)
        for name, text in unit_files.items():
            (units / name).write_text(text)
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "SYSTEMD_UNIT_PATH": str(units),
            "SYSTEMD_LOG_TARGET": "journal",
            "SYSTEMD_LOG_LEVEL": log_level,
        }
        self._cgroup = own_cgroup() / f"{folder.name}-{os.getpid()}"
        self._cgroup.mkdir()
        self.process = subprocess.Popen(
            [*MORTAL, *NAMESPACES, *BEGIN, str(self._cgroup), SYSTEMD],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def is_ready(self) -> bool:
        """Return whether it answers, to clients in its namespaces only."""
        with suppress(OSError):
            inside = children(self.process.pid)
            self._enter = ["nsenter", f"--target={inside[0]}", "--mount", "--pid"] if inside else []
        return bool(self._enter) and self.call("show", "--property=Version")

    def is_over(self) -> bool:
        return self.process.poll() is not None

    def call(self, *arguments: str) -> bool:
        """Carry out a command of systemctl; return whether it succeeded."""
        done = subprocess.run(
            [*self._enter, "systemctl", "--user", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode == 0

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        _remove(self._cgroup)


def missing() -> str:
    """Return what has to be installed, empty if nothing."""
    programs = Path(SYSTEMD).exists() and shutil.which("unshare") and shutil.which("nsenter")
    return "" if programs else "systemd is not installed: apt install systemd"


def obstacle() -> str:
    """Return why systemd cannot run here, empty if it can."""
    if os.geteuid():
        return "needs root"
    if not os.access(own_cgroup(), os.W_OK):
        return f"needs a cgroup of its own; {own_cgroup()} is read-only"
    return ""


def version() -> int:
    """Return the version of systemd."""
    command = ["systemctl", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return int(done.stdout.split()[1])


def own_cgroup() -> Path:
    """Return this process's cgroup in the hierarchy that systemd uses: its own one, or cgroup2."""
    lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    paths = {kind: path.lstrip("/") for _, kind, path in (line.split(":", 2) for line in lines)}
    if (CGROUPS / "systemd").is_dir():
        return CGROUPS / "systemd" / paths.get("name=systemd", "")
    return CGROUPS / paths.get("", "")


def children(pid: int) -> list[int]:
    """Return the pids of a process's children, as this namespace counts. Raises OSError."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _remove(cgroup: Path) -> None:
    """Remove a cgroup, as soon as its processes have ended, and those in it."""
    for _ in range(200):
        with suppress(OSError):
            for folder in sorted(cgroup.rglob("*/"), reverse=True):
                folder.rmdir()
            cgroup.rmdir()
            return
        time.sleep(0.01)
