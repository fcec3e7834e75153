"""A real worker as a process of the test's own, and waiting for what it does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
BEGIN_S, END_S = 15.0, 15.0


def eventually(check: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait until `check` holds; look less often with time, as services limit requests."""
    begun = time.monotonic()
    while not check():
        waited_s = time.monotonic() - begun
        assert waited_s < within_s, f"not within {within_s} s: {what}"
        time.sleep(min(0.02 + waited_s / 50, 0.25))


class WorkerProcess:
    """`python -m hems NAME` with the given variables. Use as a context manager.

    Its files are in `directory`.
    """

    def __init__(self, name: str, directory: Path, environ: Mapping[str, object]) -> None:
        self._output = directory / "stderr"
        self.log_file = directory / "log" / f"{name}.log"
        self.home = directory / "home"
        self.home.mkdir(exist_ok=True)
        own = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": ROOT,
            "HEMS_CONFIG": ROOT / "etc" / "hems.toml",
            "HEMS_LOGS_DIRECTORY": directory / "log",
        }
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hems", name],
                env={variable: str(value) for variable, value in {**own, **environ}.items()},
                cwd=self.home,
                stderr=output,
            )

    def __enter__(self) -> Self:
        try:
            eventually(self._has_begun, BEGIN_S, "the worker has begun")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def is_up(self) -> bool:
        """Tell whether a test may begin to talk to it."""
        return True

    def log(self) -> str:
        """Return what it has printed."""
        return self._output.read_text(errors="replace")

    def stop(self) -> int:
        """End it with SIGTERM and return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(END_S)
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _has_begun(self) -> bool:
        if self.is_up():
            return True
        assert self.process.poll() is None, self.log()
        return False
