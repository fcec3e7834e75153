"""A mount namespace of its own: what is mounted there, only processes started with `enter` see."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.integration.namespaces import MORTAL
from tests.integration.worker_process import eventually

START_S = 30.0


class MountNamespace:
    """It ends with the process that holds it."""

    def __init__(self) -> None:
        command = [*MORTAL, "unshare", "--mount", "sleep", "infinity"]
        self._holder = subprocess.Popen(command, stderr=subprocess.PIPE)
        own, held = (Path(f"/proc/{pid}/ns/mnt") for pid in (os.getpid(), self._holder.pid))
        eventually(lambda: held.readlink() != own.readlink(), START_S, "the namespace is there")
        self.enter = ["nsenter", "-t", str(self._holder.pid), "--mount", "--"]

    def mount(self, *arguments: str) -> None:
        subprocess.run([*self.enter, "mount", *arguments], check=True)

    def path(self, inside: Path) -> Path:
        """Return the path outside of what is at `inside`."""
        return Path(f"/proc/{self._holder.pid}/root{inside}")

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()
