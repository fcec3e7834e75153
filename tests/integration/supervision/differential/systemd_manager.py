"""The real `systemd --user`, in namespaces and a cgroup of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.integration.namespaces import MORTAL
from tests.integration.supervision.differential.scenario import Scenario
from tests.integration.supervision.differential.state_history import StateHistory

UNIT_SECTION = (
    r"(Requires|Wants|BindsTo|PartOf|After|Before|OnFailure|OnSuccess|Upholds|Conflicts|"
    r"StartLimit\w+)="
)
SYSTEMD = "/lib/systemd/systemd"
BEGIN = [sys.executable, "-IS", str(Path(__file__).with_name("begin_systemd.py"))]
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
TARGETS = ("basic", "default", "exit", "shutdown")
CHANGE = re.compile(r"(\S+)\.service: Changed \S+ -> (\S+)$")
CGROUPS = Path("/sys/fs/cgroup")


class Systemd:
    """systemd --user in namespaces and a cgroup of its own; everything else is in `folder`."""

    is_library = False

    def __init__(self, folder: Path, scenarios: Iterable[Scenario]) -> None:
        self._enter: list[str] = []
        units = folder / "units"
        units.mkdir(parents=True)
        for name in TARGETS:
            (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
        for one in scenarios:
            for unit in one.units:
                (units / f"{one.full_name(unit)}.service").write_text(_unit_file(one, unit, folder))
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "SYSTEMD_UNIT_PATH": str(units),
            "SYSTEMD_LOG_TARGET": "journal",
            "SYSTEMD_LOG_LEVEL": "debug",
        }
        self.history = StateHistory()
        self._cgroup = own_cgroup() / f"differential-{os.getpid()}"
        self._cgroup.mkdir()
        self._process = subprocess.Popen(
            [*MORTAL, *NAMESPACES, *BEGIN, str(self._cgroup), SYSTEMD],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.last_lines: deque[str] = deque(maxlen=10)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def is_ready(self) -> bool:
        """Return whether it answers, to clients in its namespaces only."""
        own = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        with suppress(OSError):
            inside = own.read_text(encoding="ascii").split()
            self._enter = ["nsenter", f"--target={inside[0]}", "--mount", "--pid"] if inside else []
        return bool(self._enter) and self._call("show", "--property=Version")

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def do(self, verb: str, unit: str, *words: str) -> None:
        """Carry out one action; do not wait for its effect."""
        name = f"{unit}.service"
        if verb == "signal":
            self._call("kill", "--kill-whom=main", f"--signal={words[0]}", name)
        elif verb == "reset-failed":
            self._call(verb, name)
        else:
            self._call(verb, "--no-block", name)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._watcher.join(10)
        _remove(self._cgroup)

    def _watch(self) -> None:
        """Add each change of state in its log."""
        assert self._process.stdout
        with self._process.stdout as log:
            for line in log:
                text = line.decode(errors="replace").strip()
                self.last_lines.append(text)
                if match := CHANGE.match(text):
                    self.history.add(match[1], match[2])

    def _call(self, *arguments: str) -> bool:
        done = subprocess.run(
            [*self._enter, "systemctl", "--user", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode == 0


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


def _remove(cgroup: Path) -> None:
    """Remove a cgroup, as soon as its processes have ended, and those in it."""
    for _ in range(200):
        with suppress(OSError):
            for folder in sorted(cgroup.rglob("*/"), reverse=True):
                folder.rmdir()
            cgroup.rmdir()
            return
        time.sleep(0.01)


def _unit_file(scenario: Scenario, unit: str, folder: Path) -> str:
    lines = scenario.lines(unit, ".service", folder)
    of_unit = [line for line in lines if re.match(UNIT_SECTION, line)]
    rest = [line for line in lines if line not in of_unit]
    return "\n".join(["[Unit]", "DefaultDependencies=no", *of_unit, "[Service]", *rest, ""])
