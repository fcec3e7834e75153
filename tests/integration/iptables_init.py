"""The real iptables-init worker as a process in a hotspot's gateway."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.integration.hotspot import Hotspot
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import ROOT


class Worker:
    """`python -m hems iptables-init` with the given settings. Use as a context manager.

    `through` is a command that starts it, with fewer rights.
    """

    def __init__(
        self, hotspot: Hotspot, directory: Path, through: Sequence[str] = (), **settings: object
    ) -> None:
        self.output = directory / "iptables-init.output"
        self._begin = self.output.stat().st_size if self.output.exists() else 0
        environ = ENVIRON | {
            "PYTHONPATH": str(ROOT),
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
        }
        for name, value in settings.items():
            environ[f"HEMS_IPTABLES_INIT_{name.upper()}"] = str(value)
        argv = [*through, sys.executable, "-m", "hems", "iptables-init"]
        self.process = hotspot.gateway.start(argv, environ, self.output)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log(self) -> str:
        """Return what this one has logged."""
        with self.output.open() as output:
            output.seek(self._begin)
            return output.read()

    def slots(self) -> set[str]:
        """Return the slots that it told last to have filled."""
        told = self.log().rpartition("our rules stand in ")[2].partition("\n")[0]
        return set(told.split(", "))

    def stop(self) -> int:
        """End it as supervisord does and return its exit code."""
        self.process.terminate()
        return self.process.wait(10)
