"""The real iptables-init worker as a process in a gateway's network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from dev.check import dockerfile, supervisord_conf
from hems.supervision.settings.capability_names import NUMBERS
from tests.integration.namespaces import ENVIRON, Namespace
from tests.integration.worker_process import ROOT


def rights() -> list[str]:
    """Return the command that starts a program with the capabilities of the worker's unit."""
    variables = dockerfile.environment(dockerfile.read(ROOT, "Dockerfile"))
    unit = supervisord_conf.units(ROOT, variables)["iptables-init"]
    allowed = unit.process.privileges.bounding_set
    names = {number: name.removeprefix("CAP_").lower() for name, number in NUMBERS.items()}
    added = "".join(f",+{names[number]}" for number in sorted(allowed or ()))
    return ["setpriv", "--no-new-privs", "--bounding-set", f"-all{added}", "--"]


class Home(Protocol):
    """Networks, one of which is the gateway's."""

    gateway: Namespace


class Worker:
    """`python -m hems iptables-init` with the given settings. Use as a context manager.

    `through` is the command that starts it, by default with the rights of its unit.
    """

    def __init__(
        self, home: Home, directory: Path, through: Sequence[str] = (), **settings: object
    ) -> None:
        self.output = directory / "iptables-init.output"
        self._begin = self.output.stat().st_size if self.output.exists() else 0
        environ = ENVIRON | {
            "PYTHONPATH": str(ROOT),
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
        }
        for name, value in settings.items():
            variable = name if name.isupper() else f"HEMS_IPTABLES_INIT_{name.upper()}"
            environ[variable] = str(value)
        argv = [*(through or rights()), sys.executable, "-m", "hems", "iptables-init"]
        self.process = home.gateway.start(argv, environ, self.output)

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
        """Return the slots that have our rules, as it logged last."""
        line = self.log().rpartition("our rules are in ")[2].partition("\n")[0]
        return set(line.split(", "))

    def stop(self) -> int:
        """End it as supervisord does and return its exit code."""
        self.process.terminate()
        return self.process.wait(10)
