"""One container of the project, examined and disturbed from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hems.system import subprocesses
from tests.image.engine import Podman


class Container:
    """The container `name`, which need not run."""

    def __init__(self, podman: Podman, name: str) -> None:
        self.name = name
        self._podman = podman

    def exec(self, *argv: str) -> str:
        """Run a command in it, as `balena ssh` does, and return what it printed."""
        return self._podman.run("exec", self.name, *argv)

    def exec_detached(self, *argv: str) -> None:
        """Start a command in it that goes on."""
        self._podman.run("exec", "--detach", self.name, *argv)

    def succeeds(self, *argv: str, user: str) -> bool:
        """Tell whether a command in it succeeds, as this user."""
        done = self._podman.outcome(["podman", "exec", f"--user={user}", self.name, *argv])
        return done.returncode == 0

    def is_healthy(self) -> bool:
        """Run the health check that its image brings."""
        image = json.loads(self._podman.run("image", "inspect", self.inspect()["Image"]))[0]
        kind, *argv = image["Healthcheck"]["Test"]
        assert kind == "CMD", f"{self.name}: a health check with a shell: {argv}"
        done = self._podman.outcome(["podman", "exec", self.name, *argv])
        return done.returncode == 0

    def stop(self) -> None:
        self._podman.run("stop", self.name)

    def start(self) -> None:
        self._podman.run("start", self.name)

    def restart(self) -> None:
        self._podman.run("restart", self.name)

    def signal(self, number: str, pid: int = 1) -> None:
        """Send a signal to its process `pid`, as it counts them itself."""
        own = next(one for one in self.pids() if _pid_inside(one) == pid)
        subprocesses.run(["kill", f"-{number}", str(own)], 10)

    def pids(self) -> list[int]:
        """Return its processes, as this machine counts them."""
        return [int(line) for line in self._podman.run("top", self.name, "hpid").splitlines()[1:]]

    def command_lines(self) -> list[str]:
        """Return the command lines of its processes, the arguments joined by spaces."""
        files = [Path(f"/proc/{pid}/cmdline") for pid in self.pids()]
        return [file.read_bytes().replace(b"\0", b" ").decode().strip() for file in files]

    def written(self) -> set[str]:
        """Return the paths in which its own files, volumes apart, differ from its image's."""
        changes = self._podman.run("diff", self.name).splitlines()
        mounted = {mount["Destination"] for mount in self.inspect()["Mounts"]}
        return {line.partition(" ")[2] for line in changes} - mounted

    def logs(self) -> str:
        """Return what it has said since it was made."""
        done = self._podman.outcome(["podman", "logs", self.name])
        return done.stdout + done.stderr

    def inspect(self) -> Any:
        """Return what podman knows of it."""
        return json.loads(self._podman.run("container", "inspect", self.name))[0]


def _pid_inside(pid: int) -> int:
    """Return a process's number in its innermost namespace (proc(5), NSpid)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[-1]) for line in lines if line.startswith("NSpid:"))
