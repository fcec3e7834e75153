"""Zehir's Node.js library for the D2L, version 1.0.3, as a peer in the bench."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".js")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hems-bench"
# npm itself has the package no more.
INSTALL = f"npm install --prefix {CACHE} github:Zehir/eesmart-d2l#f75d048"


class ZehirDecoder:
    """A running Node.js process that decodes `frames` in turn."""

    def __init__(
        self, process: subprocess.Popen[str], key: str, iv: str, frames: Sequence[bytes]
    ) -> None:
        self._process = process
        self._ask({"key": key, "iv": iv, "frames": [frame.hex() for frame in frames]})

    def run(self, turns: int) -> float:
        """Decode and answer `turns` frames; return the seconds it took."""
        return float(self._ask({"turns": turns}))

    def _ask(self, question: object) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def is_installed() -> bool:
    """Return whether Node.js and the package are installed."""
    try:
        outcome = subprocess.run(
            ["node", "-e", "require('eesmart-d2l')"],
            env=_environ(),
            capture_output=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        return False
    return outcome.returncode == 0


@contextlib.contextmanager
def running(key: str, iv: str, frames: Sequence[bytes]) -> Iterator[ZehirDecoder]:
    """Yield the library, ready to decode `frames`."""
    with subprocess.Popen(
        ["node", str(SCRIPT)],
        env=_environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield ZehirDecoder(process, key, iv, frames)


def _environ() -> dict[str, str]:
    return os.environ | {"NODE_PATH": str(CACHE / "node_modules")}
